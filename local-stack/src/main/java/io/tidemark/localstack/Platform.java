package io.tidemark.localstack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** This machine, in the words of those who build the servers' binaries. */
record Platform(String system, String architecture) {

    static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""), hasMusl(Path.of("/lib")));
    }

    static Platform of(String osName, String osArch, boolean musl) {
        String name = osName.toLowerCase(Locale.ROOT);
        return new Platform(system(name, musl), architecture(osArch.toLowerCase(Locale.ROOT)));
    }

    String postgres() {
        return system + "-" + (architecture.equals("arm64") ? "arm64v8" : architecture);
    }

    String redis() {
        return system + "-" + architecture;
    }

    /** Throws unless there is a binary of the server for this machine. */
    void require(ServerKind server) {
        boolean known = system.equals("linux") || system.equals("darwin");
        boolean built = architecture.equals("amd64") || architecture.equals("arm64");
        if (!known || !built) {
            throw new LocalStackException(
                    LocalStackException.Reason.PLATFORM,
                    "There is no " + server.title() + " to start here: no binary for " + system + "-" + architecture
                            + ". Run a " + server.title() + " of your own and give its URL instead.");
        }
    }

    private static String system(String name, boolean musl) {
        if (name.startsWith("linux")) {
            return musl ? "linux-musl" : "linux";
        }
        return name.startsWith("mac") ? "darwin" : name.replace(' ', '-');
    }

    private static String architecture(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> name;
        };
    }

    private static boolean hasMusl(Path libraries) {
        if (Files.exists(Path.of("/etc/debian_version"))) {
            return false; // Debian can have musl beside glibc
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(libraries, "ld-musl-*")) {
            return found.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}

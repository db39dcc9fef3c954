package io.tidemark.localstack;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The user a server runs as: ours, or {@code nobody} for a server that refuses root when we are root.
 *
 * @param prefix what comes before a command to run it as that user, empty for ours
 * @param user the user its files must belong to, empty for ours
 */
record Account(List<String> prefix, Optional<String> user) {

    private static final String NOBODY = "nobody";

    static long uid() {
        return new UnixSystem().getUid();
    }

    static Account ours() {
        return new Account(List.of(), Optional.empty());
    }

    /** Ours, unless that is root. */
    static Account unprivileged() {
        return uid() == 0 ? new Account(dropToNobody(), Optional.of(NOBODY)) : ours();
    }

    List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return List.copyOf(whole);
    }

    /** Gives a tree of files to the user. */
    void own(Path top) throws IOException {
        if (user.isEmpty()) {
            return;
        }
        UserPrincipal owner =
                top.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get());
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.setOwner(directory, owner);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    Files.setOwner(file, owner);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Throws unless the user can get at the directory. */
    void requireAccess(Path directory) {
        List<String> test =
                command(List.of("sh", "-c", "test -r \"$1\" && test -x \"$1\"", "test", directory.toString()));
        if (user.isPresent() && Command.run(test).exitCode() != 0) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY,
                    "The user " + user.get() + ", who runs servers that refuse root, cannot read " + directory
                            + ". Choose a directory whose parents are open to all, or do not run as root.");
        }
    }

    private static List<String> dropToNobody() {
        if (isOnPath("setpriv")) {
            String uid = Command.output("id", "-u", NOBODY);
            String gid = Command.output("id", "-g", NOBODY);
            return List.of("setpriv", "--reuid", uid, "--regid", gid, "--clear-groups");
        }
        if (isOnPath("runuser")) {
            return List.of("runuser", "-u", NOBODY, "--");
        }
        throw new LocalStackException(
                LocalStackException.Reason.PLATFORM,
                "PostgreSQL and Elasticsearch refuse to run as root, and neither setpriv nor runuser is here to run"
                        + " them as " + NOBODY + ". Run as a plain user.");
    }

    private static boolean isOnPath(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin:/usr/sbin:/sbin");
        return Stream.of(path.split(":", -1)).anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }
}

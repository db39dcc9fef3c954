package io.tidemark.localstack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/**
 * Unpacked servers, shared by all stacks of one user and readable for all users.
 * A directory appears under its name only when complete, and one JVM at a time unpacks.
 */
final class ServerCache {

    /** Beside the unpacked server: how many files it has, to notice what a cleaner of temporary files took away. */
    private static final String COUNT = ".files";

    private final Path directory;

    private static final String LOCK = ".lock";

    ServerCache(Path directory) {
        this.directory = directory;
    }

    static ServerCache ofUser() {
        return new ServerCache(
                Path.of(System.getProperty("java.io.tmpdir")).resolve("tidemark-servers-" + Account.uid()));
    }

    /** Fills an empty directory. */
    @FunctionalInterface
    interface Filling {
        void into(Path directory) throws IOException;
    }

    /** The directory of that name, filled first when it is missing or incomplete. */
    Path get(String name, Filling filling) {
        Path wanted = directory.resolve(name);
        try {
            requireOwn();
            // A file lock holds other JVMs off, not other threads of this one.
            synchronized (ServerCache.class) {
                try (FileChannel lock = FileChannel.open(
                        directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    lock.lock();
                    if (!isComplete(wanted)) {
                        Directories.delete(wanted);
                        fill(wanted, filling);
                    }
                }
            }
            return wanted;
        } catch (IOException e) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY, "Cannot unpack " + name + " into " + directory + ": " + e, e);
        }
    }

    private void fill(Path wanted, Filling filling) throws IOException {
        Path started = Files.createTempDirectory(directory, "." + wanted.getFileName() + "-");
        try {
            filling.into(started);
            openDirectories(started);
            Files.writeString(started.resolve(COUNT), Long.toString(countFiles(started) + 1));
            Files.move(started, wanted, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            Directories.delete(started);
            throw e;
        }
    }

    /** Whatever our umask is, servers that refuse root, and run as somebody else, must get in. */
    private static void openDirectories(Path top) throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            for (Path directory : all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Directories.openToAll(directory);
            }
        }
    }

    private static boolean isComplete(Path filled) throws IOException {
        Path count = filled.resolve(COUNT);
        return Files.exists(count) && Files.readString(count).equals(Long.toString(countFiles(filled)));
    }

    private static long countFiles(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            return files.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .count();
        }
    }

    /** What is run from here must be what we put here: nobody else may own or write the directory. */
    private void requireOwn() throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            Directories.openToAll(directory);
        } catch (FileAlreadyExistsException e) {
            // checked like a new one
        }
        PosixFileAttributes found =
                Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean ours = (Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS) == Account.uid();
        boolean closed = !found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        if (!found.isDirectory() || !ours || !closed) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY,
                    directory + " must be a directory that only its owner, the user " + Account.uid()
                            + ", may write. Remove it, or set java.io.tmpdir to another place.");
        }
    }
}

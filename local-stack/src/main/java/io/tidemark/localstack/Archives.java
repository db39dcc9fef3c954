package io.tidemark.localstack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.tukaani.xz.XZInputStream;

/** Unpacks the archives servers come in, with their links and executable bits. */
final class Archives {

    private Archives() {}

    /** Unpacks the only {@code .txz} inside a jar. */
    static void unpackTarInJar(Path jar, Path target) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(jar).get();
                InputStream packed = zip.getInputStream(entryEndingWith(zip, ".txz"));
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(new BufferedInputStream(new XZInputStream(packed)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, inside(target, entry.getName()));
            }
        }
    }

    static void unzip(Path archive, Path target) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
            for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
                unpack(entry, zip, inside(target, entry.getName()));
            }
        }
    }

    /** Copies the entry of a jar whose name ends so to an executable file. */
    static void copyExecutable(Path jar, String nameEnd, Path target) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(jar).get();
                InputStream content = zip.getInputStream(entryEndingWith(zip, nameEnd))) {
            write(content, target, true);
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
        } else if (entry.isSymbolicLink()) {
            Files.createDirectories(target.getParent());
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, inside(root(target, entry.getName()), entry.getLinkName()));
        } else {
            write(content, target, (entry.getMode() & 0100) != 0);
        }
    }

    private static void unpack(ZipArchiveEntry entry, ZipFile zip, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        try (InputStream content = zip.getInputStream(entry)) {
            write(content, target, (entry.getUnixMode() & 0100) != 0);
        }
    }

    private static void write(InputStream content, Path target, boolean executable) throws IOException {
        Files.createDirectories(target.getParent());
        Files.copy(content, target);
        permit(target, executable);
    }

    /** Everyone may read: servers that refuse root run as somebody else. */
    private static void permit(Path path, boolean executable) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static ZipArchiveEntry entryEndingWith(ZipFile zip, String end) throws IOException {
        return Collections.list(zip.getEntries()).stream()
                .filter(entry -> entry.getName().endsWith(end))
                .findFirst()
                .orElseThrow(() -> new IOException("No entry ending with " + end));
    }

    private static Path root(Path target, String name) {
        return target.getRoot()
                .resolve(target.subpath(0, target.getNameCount() - Path.of(name).getNameCount()));
    }

    private static Path inside(Path target, String name) throws IOException {
        Path path = target.resolve(name).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("The archive's entry " + name + " points outside of it");
        }
        return path;
    }
}

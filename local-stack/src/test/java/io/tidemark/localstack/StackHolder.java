package io.tidemark.localstack;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program that starts a stack, prints the pids of all processes below it on one line, and waits to be killed. */
final class StackHolder {

    private StackHolder() {}

    public static void main(String[] arguments) throws Exception {
        ServerKind[] kinds = Stream.of(arguments).map(ServerKind::valueOf).toArray(ServerKind[]::new);
        LocalStack stack = LocalStack.start(StackPlan.of(kinds[0], kinds));
        stack.servers().forEach(server -> {
            if (server.kind() == ServerKind.POSTGRES) {
                server.pause();
            }
        });
        System.out.println(ProcessHandle.current()
                .descendants()
                .map(process -> Long.toString(process.pid()))
                .collect(Collectors.joining(" ")));
        Thread.currentThread().join();
    }
}

package io.tidemark.localstack;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the brokers of one cluster share.
 *
 * @param controllerPorts by broker, the first for id 1
 * @param listeners protocol by name, beside the plain one
 * @param jars the directory of the broker's jars
 * @param jvmOptions of each broker
 */
record KafkaPlan(
        String clusterId,
        List<Integer> controllerPorts,
        Map<String, String> listeners,
        Path jars,
        List<String> jvmOptions) {

    /** One piece of heap; Kafka's 128 MB are half of a small one's, and not always found there in one piece. */
    private static final int CLEANER_BYTES = 32 << 20;

    KafkaPlan {
        controllerPorts = List.copyOf(controllerPorts);
    }

    int brokers() {
        return controllerPorts.size();
    }

    /** {@code host:port} at which the controller in that broker listens. */
    String controller(int id) {
        return "127.0.0.1:" + controllerPorts.get(id - 1);
    }

    /** The configuration of a broker, its addresses and directories apart. */
    Map<String, String> properties(int id) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("node.id", Integer.toString(id));
        all.put("process.roles", "broker,controller");
        all.put("controller.quorum.voters", voters());
        all.put("controller.listener.names", "CONTROLLERS");
        all.put("inter.broker.listener.name", "CLIENTS");
        all.put("listener.security.protocol.map", protocols());
        all.put("auto.create.topics.enable", "false");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("log.cleaner.dedupe.buffer.size", Integer.toString(CLEANER_BYTES));
        all.putAll(replication());
        all.putAll(fewPartitions());
        return all;
    }

    private String protocols() {
        StringBuilder protocols = new StringBuilder("CLIENTS:PLAINTEXT,CONTROLLERS:PLAINTEXT");
        listeners.forEach((name, protocol) ->
                protocols.append(',').append(name).append(':').append(protocol));
        return protocols.toString();
    }

    private String voters() {
        return IntStream.rangeClosed(1, brokers())
                .mapToObj(id -> id + "@" + controller(id))
                .collect(Collectors.joining(","));
    }

    private Map<String, String> replication() {
        String factor = Integer.toString(brokers());
        String inSync = brokers() == 1 ? "1" : "2";
        return Map.of(
                "default.replication.factor", factor,
                "offsets.topic.replication.factor", factor,
                "transaction.state.log.replication.factor", factor,
                "share.coordinator.state.topic.replication.factor", factor,
                "min.insync.replicas", inSync,
                "transaction.state.log.min.isr", inSync,
                "share.coordinator.state.topic.min.isr", inSync);
    }

    /** Fewer partitions of the internal topics: a cluster of one machine starts faster. */
    private static Map<String, String> fewPartitions() {
        return Map.of(
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.num.partitions", "4",
                "share.coordinator.state.topic.num.partitions", "4");
    }
}

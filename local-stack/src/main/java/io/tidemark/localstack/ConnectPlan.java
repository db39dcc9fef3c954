package io.tidemark.localstack;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a Kafka Connect cluster is to be.
 *
 * @param bootstrapServers of its brokers
 * @param group id, and beginning of the names of its topics; one for each cluster on those brokers
 * @param plugins directories with one directory per plugin
 * @param workers how many
 * @param settings of every worker, in the worker's own words, over those chosen here
 */
public record ConnectPlan(
        String bootstrapServers, String group, List<Path> plugins, int workers, Map<String, String> settings) {

    public ConnectPlan {
        plugins = List.copyOf(plugins);
        settings = Map.copyOf(settings);
        if (workers < 1) {
            throw new IllegalArgumentException("A Connect cluster has 1 worker or more, not " + workers);
        }
    }

    /** Everything but a worker's address. */
    Map<String, String> properties() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("bootstrap.servers", bootstrapServers);
        all.put("group.id", group);
        for (String kept : new String[] {"config", "offset", "status"}) {
            all.put(kept + ".storage.topic", group + "-" + kept);
            all.put(kept + ".storage.replication.factor", "-1");
        }
        all.put("offset.storage.partitions", "1");
        all.put("status.storage.partitions", "1");
        all.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        all.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        all.put("plugin.path", pluginPath(plugins));
        all.put("plugin.discovery", "service_load");
        all.put("offset.flush.interval.ms", "1000");
        // What a killed worker had is given to others at once, not after five minutes.
        all.put("scheduled.rebalance.max.delay.ms", "0");
        all.put("session.timeout.ms", "6000");
        all.put("heartbeat.interval.ms", "1000");
        all.putAll(settings);
        return all;
    }

    static String pluginPath(List<Path> directories) {
        return directories.stream()
                .map(directory -> directory.toAbsolutePath().toString())
                .collect(Collectors.joining(","));
    }
}

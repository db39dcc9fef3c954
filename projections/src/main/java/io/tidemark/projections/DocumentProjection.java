package io.tidemark.projections;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.projections.internal.ModelTopics;
import io.tidemark.projections.internal.assembler.AssemblerTopology;
import io.tidemark.projections.internal.assembler.StateMemory;
import io.tidemark.projections.internal.writing.ConsumerConfigs;
import io.tidemark.projections.internal.writing.DocumentDelivery;
import io.tidemark.projections.internal.writing.MappingWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one document model: its assembler, and the delivery of its documents to each of its stores; or one of the two,
 * where several generations share their documents.
 */
public final class DocumentProjection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DocumentProjection.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** Largest record between the steps of an assembler, and of its state. */
    static final int MOST_PART_BYTES = 64 << 20;

    private final DocumentModel model;
    private final ProjectionSettings settings;
    private final TidemarkFollower tidemarks;
    private final DocumentLimit limit;
    private final boolean assembles;
    private final String assembled;
    private final List<DocumentDelivery> deliveries = new ArrayList<>();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final RestoredRecords restored = new RestoredRecords();
    private volatile @Nullable KafkaStreams streams;

    public DocumentProjection(DocumentModel model, ProjectionSettings settings, TidemarkFollower tidemarks) {
        this(model, settings, tidemarks, DocumentLimit.DEFAULT);
    }

    /** One whose documents may be larger, or may not be so large. */
    public DocumentProjection(
            DocumentModel model, ProjectionSettings settings, TidemarkFollower tidemarks, DocumentLimit limit) {
        this(model, settings, tidemarks, limit, true, model.name());
    }

    private DocumentProjection(
            DocumentModel model,
            ProjectionSettings settings,
            TidemarkFollower tidemarks,
            DocumentLimit limit,
            boolean assembles,
            String assembled) {
        this.model = model;
        this.settings = settings;
        this.tidemarks = tidemarks;
        this.limit = limit;
        this.assembles = assembles;
        this.assembled = assembled;
    }

    /**
     * One that delivers what another one assembles.
     *
     * @param assembled name of the model whose documents they are
     */
    public static DocumentProjection delivering(
            DocumentModel model,
            ProjectionSettings settings,
            TidemarkFollower tidemarks,
            DocumentLimit limit,
            String assembled) {
        return new DocumentProjection(model, settings, tidemarks, limit, false, assembled);
    }

    /**
     * Adds a store; before {@link #start}.
     *
     * @param store its name, which also names the consumer group
     * @param parked of the model and its generation; closed with the projection
     * @param maxParked documents it may refuse, and that are parked, before a refusal stops the projection
     */
    public void deliverTo(
            String store, DocumentWriter writer, AppliedTidemarks applied, ParkedDocuments parked, int maxParked) {
        String topic = settings.topics().documents(assembled);
        String name = model.name() + " -> " + store;
        String group = settings.topics().prefix() + "." + model.name() + "." + store;
        DocumentDelivery delivery = new DocumentDelivery(
                name,
                store,
                model.name(),
                topic,
                ConsumerConfigs.inGroup(settings.kafkaClient(), group),
                model.form().isAsAssembled() ? writer : new MappingWriter(writer, model.form()),
                applied,
                parked,
                maxParked);
        var unused = delivery.ended().whenComplete((ok, error) -> {
            if (error != null) {
                failed.completeExceptionally(error);
            }
        });
        deliveries.add(delivery);
    }

    /** Starts assembling and delivering; a failure leaves nothing running. */
    public void start() {
        try {
            ModelTopics topics = new ModelTopics(settings);
            topics.ensure(assembled, limit);
            if (!assembles) {
                topics.ensureParked(model.name());
            }
            for (DocumentDelivery delivery : deliveries) {
                delivery.start();
            }
            if (assembles) {
                assemble();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void assemble() {
        try {
            newStreams().start();
        } catch (ProcessorStateException e) {
            // A process killed while it made a store leaves one that cannot be opened. Kafka has what was in it.
            LOG.warn("The local state of {} is made anew from Kafka: {}", model.name(), e.getMessage());
            closeStreams();
            KafkaStreams again = newStreams();
            again.cleanUp();
            again.start();
        }
    }

    private KafkaStreams newStreams() {
        KafkaStreams assembling = new KafkaStreams(
                AssemblerTopology.build(model, settings.topics(), settings.partitions(), tidemarks, limit),
                streamsConfig());
        assembling.setUncaughtExceptionHandler(this::assemblerFailed);
        assembling.setGlobalStateRestoreListener(restored);
        assembling.setStandbyUpdateListener(restored);
        streams = assembling;
        return assembling;
    }

    private StreamThreadExceptionResponse assemblerFailed(Throwable error) {
        Throwable reason = error;
        while (!(reason instanceof TidemarkException) && reason.getCause() != null) {
            reason = reason.getCause();
        }
        if (reason instanceof RecordTooLargeException) {
            return stopped(new TidemarkException(
                    ErrorCode.FAILED,
                    "The assembler of " + model.name()
                            + " stopped: a part of a document (a row, or a child or referenced"
                            + " row with all that is nested in it) is larger than " + MOST_PART_BYTES
                            + " bytes, or than"
                            + " max.message.bytes of a topic of the assembler, and cannot be sent on to be put together: "
                            + error.getMessage(),
                    error));
        }
        // Of anything else what Streams says of it names the task and the record.
        boolean known = reason instanceof TidemarkException;
        return stopped(new TidemarkException(
                known ? ((TidemarkException) reason).code() : ErrorCode.FAILED,
                "The assembler of " + model.name() + " stopped: " + (known ? reason : error).getMessage(),
                error));
    }

    private StreamThreadExceptionResponse stopped(TidemarkException why) {
        failed.completeExceptionally(why);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** What the assembler has done and what it is at; from any thread. Walks through all of Kafka Streams' metrics. */
    public AssemblerStatus assembler() {
        KafkaStreams assembling = streams;
        return assembling == null
                ? AssemblerStatus.NOT_RUNNING
                : AssemblerStatus.of(
                        assembling.state().name(),
                        assembling.metrics(),
                        restored,
                        settings.topics().documents(assembled));
    }

    /** Completes exceptionally when a part of the projection fails; never otherwise. */
    public CompletableFuture<Void> failed() {
        return failed;
    }

    private Properties streamsConfig() {
        Properties config = new Properties();
        config.putAll(settings.kafkaClient());
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, AssemblerTopics.application(settings.topics(), model.name()));
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 30);
        config.put(StreamsConfig.POLL_MS_CONFIG, 5);
        // Inputs are put in order by tidemarks; Streams need not wait for those that have nothing to order by time.
        config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StateMemory.class);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        // Parts of a document, and what state holds of it, are as large as what is withheld in the end.
        config.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), MOST_PART_BYTES);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MOST_PART_BYTES);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), (long) MOST_PART_BYTES);
        // A killed instance blocks readers by its open transaction, and its partitions by its membership, this long.
        config.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 10_000);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 50);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
        return config;
    }

    private void closeStreams() {
        KafkaStreams assembling = streams;
        if (assembling != null) {
            assembling.close(CLOSE_TIMEOUT);
            streams = null;
        }
    }

    /** Closes it, and removes what the assembler keeps on this machine: it is not started again. */
    public void forget() {
        KafkaStreams assembling = streams;
        close();
        if (assembling != null) {
            assembling.cleanUp();
        }
    }

    @Override
    public void close() {
        closeStreams();
        deliveries.forEach(DocumentDelivery::close);
    }
}

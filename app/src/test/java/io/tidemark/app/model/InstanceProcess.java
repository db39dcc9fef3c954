package io.tidemark.app.model;

import io.tidemark.app.MainProcess;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import java.io.IOException;
import java.nio.file.Path;

/** An {@link Instance} as a process of its own, until it is killed. */
final class InstanceProcess {

    /** What it says when its assemblers were started. */
    static final String ASSEMBLES = "assembles";

    private static final int FAILED = 1;

    private InstanceProcess() {}

    static MainProcess start(Path directory, Path configFile, Path state) throws IOException {
        return MainProcess.start(directory, InstanceProcess.class, configFile.toString(), state.toString());
    }

    public static void main(String[] arguments) throws Exception {
        Plan plan = PlanReader.read(TidemarkConfig.load(Path.of(arguments[0])));
        Instance instance = Instance.start(plan, Path.of(arguments[1]));
        System.out.println(ASSEMBLES);
        instance.awaitFailure().printStackTrace();
        Runtime.getRuntime().halt(FAILED);
    }
}

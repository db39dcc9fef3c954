package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.Json;
import io.tidemark.model.Tidemark;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark token}: a read token. */
@Command(
        name = "token",
        description =
                "Takes a read token after a commit, and prints it alone: 'tidemark wait' waits until the read models"
                        + " hold what was committed before.",
        mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        CaptureSettings.Source source =
                new Plan(TidemarkConfig.load(options.config()), List.of(), List.of()).captureSource();
        try (Connection connection = SourceConnections.open(source)) {
            String token = Tidemark.token(connection).toString();
            spec.commandLine()
                    .getOut()
                    .println(options.json() ? Json.text(Json.object().put("token", token)) : token);
            return 0;
        } catch (SQLException e) {
            throw SourceConnections.explain(source, e);
        }
    }
}

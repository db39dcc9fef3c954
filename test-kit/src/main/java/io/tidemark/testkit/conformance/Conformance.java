package io.tidemark.testkit.conformance;

import java.util.List;
import java.util.stream.Stream;

/** All cases. */
public final class Conformance {

    private Conformance() {}

    public static List<ConformanceCase> cases() {
        return Stream.of(
                        OrderCases.all(),
                        RejectionCases.all(),
                        BookkeepingCases.all(),
                        OwnerCases.all(),
                        LostAnswerCases.all(),
                        ServerCases.all(),
                        SetBackCases.all(),
                        MenderCases.all())
                .flatMap(List::stream)
                .toList();
    }
}

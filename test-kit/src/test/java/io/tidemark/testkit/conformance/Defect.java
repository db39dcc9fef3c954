package io.tidemark.testkit.conformance;

import java.util.List;

/** What is wrong with a writer, reader or store in memory, and the cases that must find it; all others must pass. */
enum Defect {
    NONE,
    APPLIES_OLDER_VERSIONS(
            "a newer version wins, an older one or the same is stale",
            "an older write after a delete does not bring the document back",
            "an older delete leaves a newer document",
            "the last of several versions of a key in a batch counts",
            "outcomes are in the order of the batch",
            "a replay shows nothing older meanwhile",
            "a random history in random batches, with replays, never shows anything older",
            "opening again keeps what is there",
            "what a former owner writes late changes nothing",
            "two owners at once leave what one would",
            "a write of unknown outcome sent again yields to a newer one",
            "a killed server is retriable, and what was written is there after its restart",
            "a late write after a delete and a restart does not bring the document back",
            "a mend takes the place of what is not newer",
            "after a mend that deletes nothing older comes"),
    APPLIES_EQUAL_VERSIONS(
            "a newer version wins, an older one or the same is stale",
            "an older write after a delete does not bring the document back",
            "a mend takes the place of what is not newer",
            "after a mend that deletes nothing older comes"),
    DOES_NOT_FENCE_DELETES(
            "an older delete leaves a newer document",
            "outcomes are in the order of the batch",
            "a random history in random batches, with replays, never shows anything older",
            "two owners at once leave what one would"),
    FORGETS_DELETES(
            "an older write after a delete does not bring the document back",
            "the last of several versions of a key in a batch counts",
            "a replay shows nothing older meanwhile",
            "a random history in random batches, with replays, never shows anything older",
            "what a former owner writes late changes nothing",
            "two owners at once leave what one would",
            "a write of unknown outcome sent again yields to a newer one",
            "a late write after a delete and a restart does not bring the document back",
            "a mend leaves what is newer, deletes included",
            "after a mend that deletes nothing older comes"),
    WRITES_DELETES_OF_A_BATCH_LAST(
            "the last of several versions of a key in a batch counts",
            "outcomes are in the order of the batch",
            "a random history in random batches, with replays, never shows anything older",
            "an older version in the batch shares the fate of the poison one",
            "two owners at once leave what one would",
            "a write of unknown outcome sent again yields to a newer one"),
    TAKES_THE_FIRST_VERSION_OF_A_BATCH(
            "the last of several versions of a key in a batch counts",
            "a random history in random batches, with replays, never shows anything older",
            "an older version in the batch shares the fate of the poison one",
            "get finds what was asked for, and no more",
            "two owners at once leave what one would"),
    GIVES_OUTCOMES_IN_ANOTHER_ORDER(
            "outcomes are in the order of the batch",
            "a poison document is rejected alone, each time",
            "a poison document holds the claims back",
            "an older version in the batch shares the fate of the poison one",
            "what a former owner writes late changes nothing"),
    SAYS_APPLIED_FOR_REJECTED(
            "a poison document is rejected alone, each time",
            "a poison document holds the claims back",
            "an older version in the batch shares the fate of the poison one"),
    REJECTS_THE_WHOLE_BATCH(
            "a poison document is rejected alone, each time",
            "a poison document holds the claims back",
            "an older version in the batch shares the fate of the poison one"),
    CALLS_PASSING_FAILURES_REJECTED(
            "whichever answer is lost, the batch sent again ends right",
            "of a large batch cut in the middle, what is said to be there is there",
            "a write of unknown outcome sent again yields to a newer one",
            "a killed server is retriable, and what was written is there after its restart",
            "a server that takes no writes is retriable",
            "a server without room is retriable"),
    CLAIMS_DESPITE_REJECTION("a poison document holds the claims back"),
    CLAIMS_BEFORE_WRITING(
            "a poison document holds the claims back",
            "of a large batch cut in the middle, what is said to be there is there"),
    CLAIMS_GO_BACK("an applied tidemark never goes back", "what a former owner writes late changes nothing"),
    SWALLOWS_A_FAILED_PART(
            "of a large batch cut in the middle, what is said to be there is there",
            "a write of unknown outcome sent again yields to a newer one",
            "a killed server is retriable, and what was written is there after its restart",
            "a server that takes no writes is retriable",
            "a server without room is retriable"),
    SENDS_A_FAILED_PART_LATER("a write of unknown outcome sent again yields to a newer one"),
    THROWS_WHEN_THE_SERVER_IS_DOWN(
            "whichever answer is lost, the batch sent again ends right",
            "of a large batch cut in the middle, what is said to be there is there",
            "a write of unknown outcome sent again yields to a newer one",
            "a killed server is retriable, and what was written is there after its restart"),
    DOES_NOT_WAIT_FOR_THE_SERVER("a slow server is waited for"),
    TAKES_ANY_LINEAGE("another lineage and another number of partitions are refused"),
    OPENS_EMPTY(
            "opening again keeps what is there",
            "what a former owner writes late changes nothing",
            "two owners at once leave what one would",
            "a writer that was out of touch for too long writes nothing before it rejoined",
            "a write of unknown outcome sent again yields to a newer one",
            "who claimed what was forgotten since does not claim on top of it",
            "who claims goes on while another one fills another partition again"),
    NEVER_OUT_OF_TOUCH("a writer that was out of touch for too long writes nothing before it rejoined"),
    CREATES_WHAT_IS_GONE(
            "a store emptied under a running writer is noticed and can be filled again",
            "a store emptied under an idle writer is noticed by its next claim",
            "who claimed what was forgotten since does not claim on top of it",
            "a store set back under a running writer is noticed by its next claim",
            "a store that lost only what was not claimed yet is noticed by its next claim"),
    KEEPS_CLAIMS_OF_WHAT_IS_GONE(
            "a store emptied under a running writer is noticed and can be filled again",
            "a store emptied under an idle writer is noticed by its next claim"),
    READS_THE_MAXIMUM_AS_APPLIED(
            "the applied tidemark is the minimum, and empty until all partitions have one",
            "an applied tidemark never goes back",
            "claims are told as the store holds them, and those forgotten are gone"),
    SCANS_TWICE("a scan sees every document once, in batches"),
    GETS_WHAT_WAS_NOT_ASKED_FOR("get finds what was asked for, and no more"),
    NEWEST_WRITER_OWNS_IT(
            "what a former owner writes late changes nothing",
            "two owners at once leave what one would",
            "a writer that was out of touch for too long writes nothing before it rejoined",
            "a write of unknown outcome sent again yields to a newer one",
            "who claimed what was forgotten since does not claim on top of it",
            "who claims goes on while another one fills another partition again"),
    NEVER_NOTICES_A_SET_BACK(
            "who claimed what was forgotten since does not claim on top of it",
            "a store set back under a running writer is noticed by its next claim",
            "a store that lost only what was not claimed yet is noticed by its next claim"),
    TRUSTS_CLAIMS_ALONE("a store that lost only what was not claimed yet is noticed by its next claim"),
    KEEPS_CLAIMS_APART(
            "a store set back under a running writer is noticed by its next claim",
            "a store set back while nobody wrote does not hold the claims it held before"),
    TELLS_NO_CLAIMS(
            "claims are told as the store holds them, and those forgotten are gone",
            "who claimed what was forgotten since does not claim on top of it",
            "who claims goes on while another one fills another partition again",
            "a store set back while nobody wrote does not hold the claims it held before"),
    FORGETS_NO_CLAIM(
            "claims are told as the store holds them, and those forgotten are gone",
            "who claimed what was forgotten since does not claim on top of it",
            "who claims goes on while another one fills another partition again",
            "a store set back under a running writer is noticed by its next claim"),
    GUARDS_OTHERS_CLAIMS("who claims goes on while another one fills another partition again"),
    MENDS_WHAT_IS_NEWER(
            "a mend leaves what is newer, deletes included",
            "a position that no transaction has is replaced as it was found",
            "a mend that is refused is refused alone"),
    MENDS_WHAT_IS_OLDER_ONLY(
            "a mend takes the place of what is not newer", "after a mend that deletes nothing older comes"),
    MENDS_NOT_WHAT_WAS_FOUND("a position that no transaction has is replaced as it was found"),
    MENDS_IN_ANOTHER_ORDER("a mend that is refused is refused alone"),
    RESTART_FORGETS_DELETES("a late write after a delete and a restart does not bring the document back");

    private final String findings;

    Defect(String... findings) {
        this.findings = String.join("\n", findings);
    }

    /** Names of cases. */
    List<String> findings() {
        return findings.lines().toList();
    }
}

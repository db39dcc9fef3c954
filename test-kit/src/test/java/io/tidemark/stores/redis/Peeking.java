package io.tidemark.stores.redis;

import io.tidemark.localstack.ServerKind;

/** Breaks the rule of layers, as a store that uses the local stack; seen only by the test of the rule. */
public record Peeking(ServerKind kind) {}

package io.tidemark.app.config;

/** A name as the file mentions it, with where, so that later errors can point at it. */
public record Mention(String text, Place place) {}

package io.tidemark.model.definition;

/** A named projection of the source. */
public sealed interface ReadModel permits DocumentModel, MirrorModel {

    String name();
}

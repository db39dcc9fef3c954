package io.tidemark.app.config;

import io.tidemark.model.definition.StoredForm;

/** A read model written in Java, beside those of the file. */
public record WrittenModel(Mention name, Written.Entries definition, StoredForm form) {}

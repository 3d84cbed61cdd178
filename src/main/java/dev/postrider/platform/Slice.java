package dev.postrider.platform;

import java.util.List;

/** A part of a list, and whether there is more of it behind. */
public record Slice<T>(List<T> items, boolean more) {}

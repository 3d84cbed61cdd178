package dev.postrider.campaign;

/** What is left to chance, repeatable: {@code -Dpostrider.seed=…}. */
public final class Seed {
  private static final long VALUE = Long.getLong("postrider.seed", System.nanoTime() & 0x7fff_ffff);

  private Seed() {}

  public static long value() {
    return VALUE;
  }
}

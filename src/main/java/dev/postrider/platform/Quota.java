package dev.postrider.platform;

/** How many things of a kind an application may have. Two who race may pass it by one. */
public final class Quota {
  private Quota() {}

  /**
   * Throws {@link Problem#CONFLICT} where there is no room for another one.
   *
   * @param what in the plural, such as {@code senders}
   */
  public static void check(int has, int most, String what) {
    if (has >= most) {
      throw ProblemException.of(
          Problem.CONFLICT, "The application has " + most + " " + what + ", the most it may have.");
    }
  }
}

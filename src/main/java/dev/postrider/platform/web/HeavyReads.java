package dev.postrider.platform.web;

import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Slice;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Lets only so many searches and reports run at once: whoever asks the big tables for much must not
 * take all connections that requests have, nor one application all that others may use of them.
 */
@Wired
public class HeavyReads {
  private static final int PLACES = 4;
  private static final int PLACES_OF_ONE = 2;

  /** For pages that are being written, in KiB as texts; their readers may be slow. */
  private static final int ANSWERS = 48 * 1024;

  private static final int KIB = 1024;

  /** PostgreSQL's octets become UTF-16 where one of the characters asks for it. */
  private static final int BYTES_A_CHARACTER = 2;

  private final FairRoom answers = new FairRoom(ANSWERS);
  private final SharedRoom room = new SharedRoom(PLACES, PLACES_OF_ONE, Duration.ofMillis(500));

  /**
   * Reads a page of what people made as large as they liked, in a request, which keeps the room for
   * it until its answer is written.
   */
  public <T> Slice<T> page(long app, Supplier<Slice<T>> read) {
    Slice<T> slice = run(app, read);
    keep(app, slice.bytes());
    return slice;
  }

  /**
   * Reads one thing that may be as large as a page, in a request, which keeps the room for it until
   * its answer is written.
   *
   * @param characters how large it is
   */
  public <T> T one(long app, Supplier<T> read, ToIntFunction<T> characters) {
    T one = run(app, read);
    keep(app, characters.applyAsInt(one));
    return one;
  }

  /**
   * Keeps room for an answer until it is written; {@link Overloaded} when there is none. What does
   * more than read asks for it before.
   *
   * @param characters how large it will be
   */
  public void keep(long app, int characters) {
    int kib = characters / KIB * BYTES_A_CHARACTER;
    if (kib == 0) {
      return;
    }
    if (!answers.take(app, kib)) {
      throw new Overloaded("answers");
    }
    RequestEnd.then(() -> answers.give(app, kib));
  }

  /**
   * Runs a read when there is room for it; {@link Overloaded} when there is none in time.
   *
   * @param app whose it is
   */
  public <T> T run(long app, Supplier<T> read) {
    return room.with(
        app,
        1,
        read,
        () -> {
          throw new Overloaded("reads");
        });
  }
}

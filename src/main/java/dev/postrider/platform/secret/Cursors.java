package dev.postrider.platform.secret;

import dev.postrider.platform.Envelope;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Slice;
import dev.postrider.platform.Wired;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Opaque, signed positions in a list: what comes back is what went out, for the same list. */
@Wired
public final class Cursors {
  private static final int TAG = 8;
  private final Hmac hmac;

  public Cursors(MasterKey key) {
    this.hmac = Hmac.derived(key, "cursor");
  }

  /**
   * Makes a position into something to give out.
   *
   * @param list which list this is a position in, so that a cursor serves no other one
   */
  public String encode(String list, long position) {
    byte[] tag = Arrays.copyOf(hmac.of(list + "/" + position), TAG);
    byte[] bytes = ByteBuffer.allocate(Long.BYTES + TAG).putLong(position).put(tag).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The position, or {@code start} where there is no cursor; 422 where it is not one of ours. */
  public long decode(String list, @Nullable String cursor, long start) {
    if (cursor == null) {
      return start;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
      if (bytes.remaining() == Long.BYTES + TAG) {
        long position = bytes.getLong();
        byte[] tag = new byte[TAG];
        bytes.get(tag);
        if (MessageDigest.isEqual(tag, Arrays.copyOf(hmac.of(list + "/" + position), TAG))) {
          return position;
        }
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw ProblemException.invalid("cursor", "must be the next_cursor of the page before");
  }

  /**
   * A page of a list, and the cursor to the next one.
   *
   * @param found one more than the page has places for, when there are more
   * @param position what the list is ordered by
   */
  public <T, V> Envelope.Page<V> page(
      String list, List<T> found, int size, Function<T, V> view, ToLongFunction<T> position) {
    return page(
        list,
        new Slice<>(found.stream().limit(size).toList(), found.size() > size),
        view,
        position);
  }

  /** A page of a list, and the cursor to the next one. */
  public <T, V> Envelope.Page<V> page(
      String list, Slice<T> slice, Function<T, V> view, ToLongFunction<T> position) {
    return new Envelope.Page<>(
        slice.items().stream().map(view).toList(),
        slice.more() ? encode(list, position.applyAsLong(slice.items().getLast())) : null);
  }
}

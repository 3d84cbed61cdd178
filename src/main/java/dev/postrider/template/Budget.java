package dev.postrider.template;

import java.io.Writer;
import java.util.AbstractMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one rendering may cost: values filled in, look-ups, turns of loops and pieces written, and
 * the length of what comes out. Counted rather than timed: a template renders on a busy machine,
 * too, or on none.
 */
final class Budget {
  static final int STEPS = 200_000;
  private final int most;
  private final String tooMany;
  private int steps;

  Budget() {
    this(STEPS, "takes more than " + STEPS + " steps");
  }

  /**
   * @param tooMany says in words for the caller that there were more steps than {@code most}
   */
  Budget(int most, String tooMany) {
    this.most = most;
    this.tooMany = tooMany;
  }

  /** More than was allowed; says so in words for the caller. */
  @SuppressWarnings("serial") // never leaves this package
  static final class Exceeded extends RuntimeException {
    Exceeded(String detail) {
      super(detail, null, false, false);
    }

    String detail() {
      return String.valueOf(getMessage());
    }
  }

  void step() {
    steps(1);
  }

  void steps(int more) {
    steps += more;
    if (steps > most) {
      throw new Exceeded(tooMany);
    }
  }

  /** How many there were. */
  int steps() {
    return steps;
  }

  /** Values by name; each look-up is a step. */
  final class Scope extends AbstractMap<String, Object> {
    private final Map<String, Object> values;

    Scope(Map<String, Object> values) {
      this.values = values;
    }

    @Override
    public boolean containsKey(Object name) {
      step();
      return values.containsKey(name);
    }

    @Override
    public @Nullable Object get(Object name) {
      return values.get(name);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      return values.entrySet();
    }
  }

  /** A list; each turn over it is a step. */
  final class Items implements Iterable<Object> {
    private final List<Object> items;

    Items(List<Object> items) {
      this.items = items;
    }

    @Override
    public Iterator<Object> iterator() {
      Iterator<Object> all = items.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return all.hasNext();
        }

        @Override
        public Object next() {
          step();
          return all.next();
        }
      };
    }
  }

  /** Takes what is rendered, up to a length; each piece is a step. */
  final class Out extends Writer {
    private final StringBuilder text = new StringBuilder();
    private final int most;

    Out(int most) {
      this.most = most;
    }

    @Override
    public void write(char[] chars, int from, int count) {
      step();
      if (text.length() + count > most) {
        throw new Exceeded("would be longer than " + most + " characters");
      }
      text.append(chars, from, count);
    }

    @Override
    public void write(String piece, int from, int count) {
      step();
      if (text.length() + count > most) {
        throw new Exceeded("would be longer than " + most + " characters");
      }
      text.append(piece, from, from + count);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public String toString() {
      return text.toString();
    }
  }
}

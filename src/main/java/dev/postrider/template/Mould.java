package dev.postrider.template;

import com.samskivert.mustache.BasicCollector;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import dev.postrider.platform.Text;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One compiled text. Mustache as JMustache has it, less what could reach beyond the given values:
 * no partials, no change of delimiters, no reflection; in HTML nothing unescaped.
 */
final class Mould {
  /**
   * A tag: what it does, and on what. What was matched stays so: spaces could be split in n³ ways.
   */
  private static final Pattern TAG =
      Pattern.compile("\\{\\{\\{?\\s*+([#^/&>!<$=*]?+)\\s*+([^{}]*+)\\}\\}");

  /** All versions that are remembered must fit, and a tag takes a hundred bytes. */
  private static final int MAX_TAGS = 2000;

  private static final int MAX_DEPTH = 20;
  private static final Pattern WHOLE_ITEM = Pattern.compile("\\.|this");
  private static final Pattern ITEM = Pattern.compile("\\.|this|-first|-last|-index");

  private static final Mustache.Compiler TEXT =
      Mustache.compiler()
          .escapeHTML(false)
          .defaultValue("")
          .emptyStringIsFalse(true)
          .withCollector(
              new BasicCollector() {
                @Override
                public <K, V> Map<K, V> createFetcherCache() {
                  return new ConcurrentHashMap<>();
                }
              });
  private static final Mustache.Compiler HTML = TEXT.escapeHTML(true);

  private final Template template;
  private final int most;

  private Mould(Template template, int most) {
    this.template = template;
    this.most = most;
  }

  /** A source that cannot be compiled; says why, for its author. */
  @SuppressWarnings("serial") // never leaves this package
  static final class Flawed extends Exception {
    Flawed(String detail) {
      super(detail, null, false, false);
    }

    String detail() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Compiles a source.
   *
   * @param most the longest text it may render to, in characters
   */
  static Mould compile(String source, boolean html, Map<String, Variable> variables, int most)
      throws Flawed {
    check(source, html, variables);
    try {
      return new Mould((html ? HTML : TEXT).compile(source), most);
    } catch (MustacheException e) {
      throw new Flawed(
          "is not a Mustache template: " + Text.cleaned(String.valueOf(e.getMessage()), 200));
    }
  }

  /** Every tag is of a kind that is allowed, and names what is there. */
  private static void check(String source, boolean html, Map<String, Variable> variables)
      throws Flawed {
    Deque<Map<String, Variable>> scopes = new ArrayDeque<>();
    scopes.push(variables);
    // The fields of what each section that is open goes over; empty where it is no list.
    Deque<Optional<Map<String, Variable>>> lists = new ArrayDeque<>();
    if (TAG.matcher(source).replaceAll("").contains("{{")) {
      throw new Flawed("opens a tag with {{ and does not close it");
    }
    Matcher tags = TAG.matcher(source);
    int count = 0;
    while (tags.find()) {
      if (++count > MAX_TAGS) {
        throw new Flawed("has more than " + MAX_TAGS + " tags");
      }
      String kind = tags.group(1);
      String name = tags.group(2).strip();
      boolean raw = kind.equals("&") || tags.group().startsWith("{{{");
      if (html && raw) {
        throw new Flawed("may not leave " + name + " unescaped in HTML");
      }
      switch (kind) {
        case "!" -> {}
        case "/" -> {
          if (lists.isEmpty()) {
            throw new Flawed("closes {{" + name + "}}, which is not open");
          }
          scopes.pop();
          lists.pop();
        }
        case "#", "^" -> {
          if (scopes.size() > MAX_DEPTH) {
            throw new Flawed("has sections in sections, deeper than " + MAX_DEPTH);
          }
          Variable variable = declared(name, scopes, lists);
          boolean list = kind.equals("#") && variable.isList();
          scopes.push(list ? variable.items() : Map.of());
          lists.push(list ? Optional.of(variable.items()) : Optional.empty());
        }
        case "", "&" -> {
          if (declared(name, scopes, lists).isList()) {
            throw new Flawed(
                "prints {{" + name + "}}, which is a list: open it with {{#" + name + "}}");
          }
        }
        default -> throw new Flawed("has a tag {{" + kind + name + "}}, which is not supported");
      }
    }
  }

  private static Variable declared(
      String name,
      Deque<Map<String, Variable>> scopes,
      Deque<Optional<Map<String, Variable>>> lists)
      throws Flawed {
    Optional<Map<String, Variable>> list = lists.stream().flatMap(Optional::stream).findFirst();
    if (list.isPresent() && ITEM.matcher(name).matches()) {
      if (WHOLE_ITEM.matcher(name).matches() && !list.get().isEmpty()) {
        throw new Flawed("uses {{" + name + "}} where each item has fields: name one of them");
      }
      return Variable.PLAIN;
    }
    Optional<Variable> found =
        scopes.stream().filter(it -> it.containsKey(name)).map(it -> it.get(name)).findFirst();
    return found.orElseThrow(() -> new Flawed("uses {{" + name + "}}, which is not a variable"));
  }

  String render(Budget.Scope values, Budget budget) {
    Budget.Out out = budget.new Out(most);
    try {
      template.execute(values, out);
    } catch (Budget.Exceeded e) {
      throw e;
    } catch (RuntimeException e) {
      throw e.getCause() instanceof Budget.Exceeded exceeded
          ? exceeded
          : new Budget.Exceeded("cannot be rendered");
    }
    return out.toString();
  }
}

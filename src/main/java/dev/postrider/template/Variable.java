package dev.postrider.template;

import dev.postrider.platform.Violations;
import dev.postrider.template.TemplateDocument.VariableDocument;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A variable that was declared well. */
record Variable(
    VariableType type,
    boolean required,
    @Nullable Object defaultValue,
    @Nullable Object example,
    FormatStyle style,
    Map<String, Variable> items) {

  private static final int MAX_VARIABLES = 100;
  private static final int MAX_ITEMS = 1000;
  private static final int MAX_DEPTH = 3;

  /** Whoever mistyped a name looks for it in a list that can be read. */
  private static final int MOST_NAMED = 20;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");

  /** An item of a list of texts, or its place in it. */
  static final Variable PLAIN =
      new Variable(VariableType.STRING, false, null, null, FormatStyle.MEDIUM, Map.of());

  boolean isList() {
    return type == VariableType.LIST;
  }

  /** Checks declarations; what is wrong with them is named below {@code field}. */
  static Map<String, Variable> declared(
      @Nullable Map<String, VariableDocument> documents, String field, Violations violations) {
    return declared(documents, field, 1, new Budget(), violations);
  }

  /**
   * @param budget of all defaults and examples together
   */
  private static Map<String, Variable> declared(
      @Nullable Map<String, VariableDocument> documents,
      String field,
      int depth,
      Budget budget,
      Violations violations) {
    Map<String, Variable> variables = new LinkedHashMap<>();
    if (documents == null) {
      return variables;
    }
    violations.require(
        documents.size() <= MAX_VARIABLES, field, "may have at most " + MAX_VARIABLES);
    violations.require(depth <= MAX_DEPTH, field, "are lists in lists, deeper than " + MAX_DEPTH);
    if (!violations.isEmpty()) {
      return variables;
    }
    documents.forEach((name, document) -> {
      String at = field + "." + name;
      if (violations.require(
              NAME.matcher(name).matches(),
              at,
              "must be lower case letters, digits and underscores, and begin with a letter")
          && violations.require(document != null, at, "must be an object")) {
        variables.put(name, declared(document, at, depth, budget, violations));
      }
    });
    return variables;
  }

  private static Variable declared(
      VariableDocument document, String field, int depth, Budget budget, Violations violations) {
    String word = document.type() == null ? "string" : document.type();
    VariableType type = VariableType.parse(word).orElse(null);
    if (type == null) {
      violations.add(field + ".type", "must be one of " + VariableType.words());
      return PLAIN;
    }
    FormatStyle style =
        VariableType.style(document.format() == null ? "medium" : document.format()).orElse(null);
    boolean dated = type == VariableType.DATE || type == VariableType.DATETIME;
    violations.require(
        style != null && (dated || document.format() == null),
        field + ".format",
        "must be short, medium, long or full, of a date or datetime");
    violations.require(
        document.items() == null || type == VariableType.LIST, field + ".items", "is for lists");
    Variable variable =
        new Variable(
            type,
            Boolean.TRUE.equals(document.required()),
            document.defaultValue(),
            document.example(),
            style == null ? FormatStyle.MEDIUM : style,
            declared(document.items(), field + ".items", depth + 1, budget, violations));
    variable.check(variable.defaultValue(), field + ".default", budget, violations);
    variable.check(variable.example(), field + ".example", budget, violations);
    return variable;
  }

  private void check(@Nullable Object value, String field, Budget budget, Violations violations) {
    if (value == null) {
      return;
    }
    try {
      bound(value, new Filling(Locale.ROOT, false, budget, violations), field);
    } catch (Budget.Exceeded e) {
      violations.add(field, e.detail());
    }
  }

  /**
   * What values are bound with.
   *
   * @param sample whether examples stand in for what is missing
   */
  record Filling(Locale locale, boolean sample, Budget budget, Violations violations) {}

  /** Values in the words of a language; what is wrong with them is named below {@code field}. */
  static Budget.Scope bound(
      Map<String, Variable> variables,
      Map<String, ? extends @Nullable Object> given,
      Filling filling,
      String field) {
    Map<String, Object> values = new LinkedHashMap<>();
    String unknown = variables.keySet().containsAll(given.keySet()) ? "" : unknown(variables);
    for (String name : given.keySet()) {
      filling.violations().require(variables.containsKey(name), field + "." + name, unknown);
    }
    variables.forEach((name, variable) -> {
      filling.budget().step(); // also for what is missing: its place is kept until the end
      Object value = variable.chosen(given.get(name), filling.sample());
      if (value == null) {
        filling.violations().require(!variable.required(), field + "." + name, "is required");
      }
      // Empty rather than absent: an outer variable of the same name would show through.
      values.put(name, value == null ? "" : variable.bound(value, filling, field + "." + name));
    });
    return filling.budget().new Scope(values);
  }

  private static String unknown(Map<String, Variable> variables) {
    String some = variables.keySet().stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = variables.size() - MOST_NAMED;
    return "is not a variable of the template; it has "
        + some
        + (more > 0 ? " and " + more + " more" : "");
  }

  private @Nullable Object chosen(@Nullable Object value, boolean sample) {
    if (value != null) {
      return value;
    }
    return sample && example != null ? example : defaultValue;
  }

  private Object bound(Object value, Filling filling, String field) {
    filling.budget().steps(type.steps());
    if (type == VariableType.LIST) {
      return items(value, filling, field);
    }
    try {
      return type.shown(value, style, filling.locale());
    } catch (VariableType.Refused _) {
      filling.violations().add(field, type.rule());
      return "";
    }
  }

  private Object items(Object value, Filling filling, String field) {
    List<Object> all = new ArrayList<>();
    if (!(value instanceof List<?> given) || given.size() > MAX_ITEMS) {
      filling.violations().add(field, type.rule());
      return "";
    }
    for (Object item : given) {
      filling.budget().step();
      String at = field + "." + all.size();
      if (items.isEmpty()) {
        all.add(PLAIN.bound(item == null ? List.of() : item, filling, at));
      } else if (item instanceof Map<?, ?> fields) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        fields.forEach((name, one) -> named.put(String.valueOf(name), one));
        all.add(bound(items, named, filling, at));
      } else {
        filling.violations().add(at, "must be an object");
      }
      if (filling.violations().errors().size() > MAX_VARIABLES) {
        break; // enough to mend
      }
    }
    return filling.budget().new Items(all);
  }
}

package dev.postrider.platform;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.databind.util.RawValue;

/**
 * JSON as the API speaks it: snake_case, strict in what it reads. Unknown fields, duplicate keys,
 * coerced types, trailing text and oversized structures are refused by name rather than guessed at.
 */
public final class Json {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_STRING = 2 * 1024 * 1024;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING)
                          .maxNumberLength(64)
                          .maxNameLength(128)
                          .build())
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // What a caller gave for himself comes back with all its digits; a double has sixteen.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  /** For what we stored ourselves: a newer version may have had more to say. */
  private static final JsonMapper STORED =
      MAPPER.rebuild().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** For what providers send: their JSON is theirs. */
  private static final JsonMapper LENIENT =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Json() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  public static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /**
   * Reads what was stored by this version of the service, or a newer one: only what may be left out
   * without doing what nobody asked for.
   */
  public static <T> T stored(String json, Class<T> type) {
    return STORED.readValue(json, type);
  }

  /** Reads a request body, or tells the caller which field breaks which rule. */
  public static <T> T read(byte[] body, Class<T> type) {
    if (body.length == 0) {
      throw ProblemException.of(
          Problem.MALFORMED_REQUEST, "The body is empty; send a JSON object.");
    }
    if (!startsLikeUtf8Json(body)) {
      throw ProblemException.of(
          Problem.MALFORMED_REQUEST, "The body must be JSON in UTF-8 without a byte order mark.");
    }
    try {
      T value = MAPPER.readValue(body, type);
      if (value == null) {
        throw ProblemException.of(
            Problem.MALFORMED_REQUEST, "The body is null; send a JSON object.");
      }
      return value;
    } catch (JacksonException e) {
      throw asProblem(e);
    }
  }

  /** Turns one node of a body that was read as a tree into a value, with the same rules. */
  public static <T> T convert(JsonNode node, Class<T> type) {
    if (!node.isObject()) {
      throw ProblemException.invalid("", "must be an object");
    }
    try {
      return MAPPER.treeToValue(node, type);
    } catch (JacksonException e) {
      throw asProblem(e);
    }
  }

  /**
   * Reads JSON from outside that need not be strict; null when it is not JSON at all, or says one
   * thing twice.
   */
  public static @Nullable JsonNode tree(byte[] body) {
    try {
      return LENIENT.readTree(body);
    } catch (JacksonException _) {
      return null;
    }
  }

  // Jackson would detect UTF-16 and UTF-32 by itself; the contract says UTF-8.
  private static boolean startsLikeUtf8Json(byte[] body) {
    return body[0] != 0
        && (body.length < 2 || body[1] != 0)
        && (body[0] & 0xff) != 0xfe
        && (body[0] & 0xff) != 0xff
        && (body[0] & 0xff) != 0xef;
  }

  private static ProblemException asProblem(JacksonException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          ProblemException.invalid(path(e), "is not a known field" + hint(unknown));
      case InvalidFormatException format ->
          ProblemException.invalid(
              path(e), "must be " + describe(format.getTargetType()) + ", which this is not");
      case MismatchedInputException mismatch ->
          ProblemException.invalid(path(e), "must be " + describe(mismatch.getTargetType()));
      case InputCoercionException _ ->
          ProblemException.invalid(path(e), "is a number out of range");
      case StreamConstraintsException limits ->
          ProblemException.of(Problem.MALFORMED_REQUEST, constraint(limits));
      case StreamReadException read -> ProblemException.of(Problem.MALFORMED_REQUEST, where(read));
      case DatabindException bind when bind.getCause() instanceof ProblemException problem ->
          problem;
      case DatabindException _ ->
          ProblemException.invalid(path(e), "has a value that is not allowed");
      default ->
          ProblemException.of(Problem.MALFORMED_REQUEST, "The body is not valid JSON in UTF-8.");
    };
  }

  private static String hint(UnrecognizedPropertyException unknown) {
    List<String> known =
        unknown.getKnownPropertyIds() == null
            ? List.of()
            : unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
    return known.isEmpty() ? "" : "; known are " + String.join(", ", known);
  }

  private static String where(StreamReadException e) {
    boolean duplicate = String.valueOf(e.getOriginalMessage()).startsWith("Duplicate");
    String what = duplicate ? "The body names a key twice" : "The body is not valid JSON in UTF-8";
    return e.getLocation() == null
        ? what + "."
        : what
            + " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ").";
  }

  private static String constraint(StreamConstraintsException e) {
    String message = String.valueOf(e.getOriginalMessage());
    if (message.contains("nesting depth")) {
      return "The body is nested deeper than " + MAX_DEPTH + " levels.";
    }
    if (message.contains("Number")) {
      return "The body has a number of more than 64 characters.";
    }
    return message.contains("name")
        ? "The body has a field name of more than 128 characters."
        : "The body has a text that is too long.";
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference reference : e.getPath()) {
      if (!path.isEmpty()) {
        path.append('.');
      }
      if (reference.getPropertyName() != null) {
        path.append(Text.cleaned(reference.getPropertyName(), 128));
      } else {
        path.append(reference.getIndex());
      }
    }
    return path.isEmpty() ? "body" : path.toString();
  }

  private static String describe(@Nullable Class<?> type) {
    if (type == null) {
      return "of another type";
    }
    if (type == String.class) {
      return "a text";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (List.class.isAssignableFrom(type)) {
      return "a list";
    }
    return "an object";
  }

  /** JSON that is written as it is. */
  public static Object raw(String json) {
    return new RawValue(json);
  }

  /** The bytes of a text, in the one encoding we speak. */
  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

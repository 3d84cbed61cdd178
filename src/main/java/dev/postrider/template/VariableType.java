package dev.postrider.template;

import dev.postrider.platform.Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Arrays;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a variable holds, and how it is written in a language. */
enum VariableType {
  /** Printed as it is. */
  STRING("must be a text of at most 4000 characters, without control characters") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      if (value instanceof String text && text.length() <= 4000 && Text.flaw(text) == null) {
        return text;
      }
      throw refused();
    }
  },

  /** Digits without groups: a count, a year. */
  INTEGER("must be a whole number") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      if (value instanceof Integer || value instanceof Long || value instanceof BigInteger) {
        return value.toString();
      }
      throw refused();
    }
  },

  /** With the locale's signs. */
  NUMBER("must be a number with at most 12 decimals, or a text with one") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      BigDecimal number = decimal(value);
      NumberFormat format = NumberFormat.getNumberInstance(locale);
      format.setMaximumFractionDigits(Math.max(0, number.scale()));
      format.setMinimumFractionDigits(Math.max(0, number.scale()));
      return format.format(number);
    }
  },

  /** {@code {"amount": "12.50", "currency": "EUR"}}. */
  MONEY("must be {\"amount\": \"12.50\", \"currency\": \"EUR\"}") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      if (!(value instanceof Map<?, ?> parts)
          || !parts.keySet().equals(Set.of("amount", "currency"))
          || !(parts.get("currency") instanceof String code)
          || parts.get("amount") == null) {
        throw refused();
      }
      BigDecimal amount = decimal(parts.get("amount"));
      try {
        Currency currency = Currency.getInstance(code);
        NumberFormat format = NumberFormat.getCurrencyInstance(locale);
        format.setCurrency(currency);
        format.setMinimumFractionDigits(Math.max(0, currency.getDefaultFractionDigits()));
        format.setMaximumFractionDigits(Math.max(0, currency.getDefaultFractionDigits()));
        format.setRoundingMode(RoundingMode.HALF_EVEN);
        return format.format(amount);
      } catch (IllegalArgumentException _) {
        throw refused();
      }
    }
  },

  /** {@code 2026-12-24}. */
  DATE("must be a date, such as 2026-12-24") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      try {
        return DateTimeFormatter.ofLocalizedDate(style)
            .withLocale(locale)
            .format(LocalDate.parse(text(value)));
      } catch (DateTimeException _) {
        throw refused();
      }
    }
  },

  /** RFC 3339 with offset, shown by the clock of that offset. */
  DATETIME("must be a time with offset, such as 2026-12-24T18:00:00+01:00") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      try {
        return DateTimeFormatter.ofLocalizedDateTime(style, FormatStyle.SHORT)
            .withLocale(locale)
            .format(OffsetDateTime.parse(text(value)).toZonedDateTime());
      } catch (DateTimeException _) {
        throw refused();
      }
    }
  },

  /** For sections. */
  BOOLEAN("must be true or false") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      if (value instanceof Boolean) {
        return value;
      }
      throw refused();
    }
  },

  /** One that is safe as a link. */
  URL("must be an absolute http or https URL") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      String text = text(value);
      if (text.length() <= 2000 && Text.isHttpUrl(text)) {
        return text;
      }
      throw refused();
    }
  },

  /** For sections; its items are bound one by one. */
  LIST("must be a list of at most 1000 items") {
    @Override
    Object shown(Object value, FormatStyle style, Locale locale) {
      throw new IllegalStateException("a list is shown by its items");
    }
  };

  private static final Set<Locale> KNOWN = Set.of(Locale.getAvailableLocales());

  private static final Pattern STYLE = Pattern.compile("short|medium|long|full");

  /** About five microseconds, where another step takes a tenth of one. */
  private static final int STEPS_IN_A_LOCALE = 10;

  private final String rule;

  VariableType(String rule) {
    this.rule = rule;
  }

  /**
   * In what the values of a locale are written: the nearest one that Java knows. It keeps what it
   * has looked up for every locale there ever was, and of tags people make up there is no end.
   */
  static Locale writing(Locale locale) {
    String script = locale.getScript();
    String region = locale.getCountry();
    return Stream.of(
            written(locale, script, region),
            written(locale, script, ""),
            written(locale, "", region),
            written(locale, "", ""))
        .filter(KNOWN::contains)
        .findFirst()
        .orElse(Locale.ROOT);
  }

  private static Locale written(Locale locale, String script, String region) {
    return new Locale.Builder()
        .setLanguage(locale.getLanguage())
        .setScript(script)
        .setRegion(region)
        .build();
  }

  /** A value in the words of a language; throws {@link Refused} when it is not of this type. */
  abstract Object shown(Object value, FormatStyle style, Locale locale);

  /** A value that is not of its type. */
  @SuppressWarnings("serial") // never leaves this package
  static final class Refused extends RuntimeException {
    Refused() {
      super(null, null, false, false);
    }
  }

  /** What a value of it costs: the locale's signs and words are looked up for each. */
  int steps() {
    return switch (this) {
      case NUMBER, MONEY, DATE, DATETIME -> STEPS_IN_A_LOCALE;
      case STRING, INTEGER, BOOLEAN, URL, LIST -> 1;
    };
  }

  Refused refused() {
    return new Refused();
  }

  String rule() {
    return rule;
  }

  /** A number a person would write, as a number or, with the decimals it is to have, as a text. */
  BigDecimal decimal(@Nullable Object value) {
    if (value instanceof Number || value instanceof String) {
      String text = value.toString();
      if (text.length() > 64) {
        throw refused();
      }
      try {
        BigDecimal number = new BigDecimal(text);
        if (number.scale() <= 12 && (long) number.precision() - number.scale() <= 30) {
          return number;
        }
      } catch (NumberFormatException _) {
        // said below
      }
    }
    throw refused();
  }

  String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw refused();
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<VariableType> parse(String word) {
    return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
  }

  static String words() {
    return Arrays.stream(values()).map(VariableType::word).collect(Collectors.joining(", "));
  }

  static Optional<FormatStyle> style(String word) {
    return STYLE.matcher(word).matches()
        ? Optional.of(FormatStyle.valueOf(word.toUpperCase(Locale.ROOT)))
        : Optional.empty();
  }
}

package dev.postrider.platform;

/**
 * One field of a request that breaks a rule.
 *
 * @param field the JSON path as the caller wrote it, such as {@code recipient} or {@code
 *     settings.host}
 * @param detail the rule, in words that help to mend the request
 */
public record FieldError(String field, String detail) {

  /** RFC 6901 pointer to the field, as RFC 9457 shows it. */
  public String pointer() {
    return "#/"
        + field
            .replace("~", "~0")
            .replace("/", "~1")
            .replace('.', '/')
            .replaceAll("\\[(\\d+)]", "/$1");
  }
}

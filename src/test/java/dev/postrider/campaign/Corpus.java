package dev.postrider.campaign;

import java.util.List;

/** Text that has broken others. */
final class Corpus {
  private Corpus() {}

  /** Characters that are no text, or not the text they look like. As JSON string contents. */
  static final List<String> STRINGS =
      List.of(
          "\\u0000",
          "a\\u0000b",
          "\\ud800",
          "\\udc00\\ud800",
          "\\ufffe\\uffff",
          "\\u202e txt.exe",
          "\\u200d\\u200b",
          "\\ud83d\\udc69\\u200d\\ud83d\\ude80",
          "e\\u0301 \\u00e9",
          "\\u0627\\u0644\\u0639\\u0631\\u0628\\u064a\\u0629",
          "\\u001b[31mred",
          "a\\u0085b\\u2028c\\u2029d",
          "\\u0301".repeat(8000),
          "x".repeat(65_536),
          "\\r\\nBcc: thief@example.org",
          "\\r\\n.\\r\\n");

  /** What becomes dangerous where text is glued into SQL, JSON paths or patterns. */
  static final List<String> INJECTIONS =
      List.of(
          "' or '1'='1",
          "'; drop table messages; --",
          "1); select pg_sleep(5); --",
          "\\\\'; select 1",
          "$1 ? :app",
          "${jndi:ldap://127.0.0.1/a}",
          "%' and '%'='",
          "_%",
          "{{7*7}} ${7*7} #{7*7}",
          "$.a[?(@.b)]",
          "../../etc/passwd",
          "%s%n%x",
          "=cmd|'/c calc'!A1");
}

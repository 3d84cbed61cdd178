package dev.postrider.channel;

import dev.postrider.channel.egress.Reply;
import java.time.Instant;
import java.util.Map;

/**
 * What a vendor's answers mean, and what is said of them: its own texts may hold phone numbers, so
 * ours are shown.
 *
 * @param vendor how it is called in a sentence
 * @param prefix of its codes where they are shown, such as {@code twilio} in {@code twilio_21211}
 * @param table by its codes; then, as in {@link ErrorTable#HTTP}, by status
 * @param words by its codes, those that are met; without a full stop
 */
public record VendorErrors(
    String vendor, String prefix, ErrorTable table, Map<String, String> words) {

  /**
   * What an answer that is no success means.
   *
   * @param closer a code that says more than {@code code}; for the table only
   * @param code the vendor's own; empty where it gives none
   */
  public SendResult judge(Reply.Answer answer, String closer, String code, Instant now) {
    int status = answer.status();
    return ErrorTable.answer(
        table.ofHttp(status, closer, code),
        code.isEmpty() ? "http_" + status : prefix + "_" + code,
        code.isEmpty() ? vendor + " answered " + status : detail(code),
        answer.header("retry-after").flatMap(it -> RetryAfter.parse(it, now)));
  }

  public String detail(String code) {
    String known = words.get(code);
    return vendor + " says " + code + (known == null ? "" : ": " + known);
  }
}

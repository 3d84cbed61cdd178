package dev.postrider.channel;

import dev.postrider.channel.egress.Reply;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;

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
  private static final Pattern CODE = Pattern.compile("-?[0-9]{1,10}");

  /**
   * What an answer that is no success means.
   *
   * @param closer a code that says more than {@code code}; for the table only
   * @param given the vendor's own code as it was read; none is taken that is no number
   */
  public SendResult judge(Reply.Answer answer, String closer, String given, Instant now) {
    int status = answer.status();
    // It goes into rows and lines: what answers need not be the vendor.
    String code = CODE.matcher(given).matches() ? given : "";
    return ErrorTable.answer(
        table.ofHttp(answer, !code.isEmpty(), closer, code),
        code.isEmpty() ? "http_" + status : prefix + "_" + code,
        code.isEmpty() ? vendor + " answered " + status : detail(code),
        answer.header("retry-after").flatMap(it -> RetryAfter.parse(it, now)));
  }

  public String detail(String code) {
    String known = words.get(code);
    return vendor + " says " + code + (known == null ? "" : ": " + known);
  }
}

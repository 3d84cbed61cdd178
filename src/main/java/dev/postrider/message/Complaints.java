package dev.postrider.message;

import dev.postrider.platform.FieldError;
import dev.postrider.platform.ProblemException;
import java.util.List;

/**
 * What is wrong with the messages of one request, as far as anybody reads it: a body of a hundred
 * kilobytes could have errors for a hundred megabytes, and the answer is one piece.
 */
final class Complaints {
  /** Of all messages together; each may have one beyond. */
  static final int MOST = 1000;

  private int left = MOST;

  /** What is told of one more message. */
  List<FieldError> of(ProblemException refused) {
    List<FieldError> all = refused.errors();
    // A copy: a part of a list keeps all of it.
    List<FieldError> told = List.copyOf(all.subList(0, Math.min(all.size(), Math.max(1, left))));
    left -= told.size();
    return told;
  }
}

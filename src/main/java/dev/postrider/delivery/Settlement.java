package dev.postrider.delivery;

import dev.postrider.message.Move;
import dev.postrider.queue.Finish;
import dev.postrider.queue.Job;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run: what becomes of the job, the attempt it was, and the message's step. All of it
 * counts only while the job still holds its lease.
 */
record Settlement(Finish finish, @Nullable Attempt attempt, @Nullable Move move) {
  Job job() {
    return finish.job();
  }
}

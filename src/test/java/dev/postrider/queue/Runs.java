package dev.postrider.queue;

import java.util.List;
import java.util.function.Consumer;

/** A handler that loads nothing and does one thing with each job. */
record Runs(Consumer<Job> each) implements JobHandler<String> {
  @Override
  public String kind() {
    return "deliver";
  }

  @Override
  public List<Work<String>> claimed(List<Job> jobs) {
    return jobs.stream().map(job -> new Work<>(job, "")).toList();
  }

  @Override
  public void run(Work<String> work) {
    each.accept(work.job());
  }

  @Override
  public void released(List<Job> jobs) {}

  @Override
  public void rescued(List<JobQueue.Expired> jobs) {}
}

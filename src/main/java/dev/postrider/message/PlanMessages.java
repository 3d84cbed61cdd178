package dev.postrider.message;

import dev.postrider.app.AppId;
import dev.postrider.app.AppLimits;
import dev.postrider.app.Apps;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Wired;
import dev.postrider.template.Allowance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Composes messages as they would be accepted, and stores nothing. */
@Wired
public class PlanMessages {
  private static final Correlation PLAN = new Correlation("plan", null);

  private final ComposeMessage compose;
  private final AppLimits limits;

  public PlanMessages(ComposeMessage compose, AppLimits limits) {
    this.compose = compose;
    this.limits = limits;
  }

  /** What a plan's messages may take to be rendered. */
  public Allowance allowance(AppId app) {
    return compose.allowance(app);
  }

  /** One message: as it would be stored, or what is wrong with it. */
  public record Planned(@Nullable Message message, List<FieldError> errors) {}

  /**
   * What would become of a request.
   *
   * @param retryAfter until the application's limits would let it in; zero when they would now
   * @param limited why they never would; null when they would
   */
  public record Plan(List<Planned> messages, Duration retryAfter, @Nullable String limited) {}

  /**
   * Plans requests that are yet to be read.
   *
   * @param allowance to be closed when the plan has been told
   */
  public Plan plan(AppId app, List<Supplier<MessageRequest>> requests, Allowance allowance) {
    Apps.Profile profile = compose.profile(app);
    List<Planned> planned = new ArrayList<>();
    Complaints complaints = new Complaints();
    for (Supplier<MessageRequest> request : requests) {
      planned.add(one(profile, request, allowance, complaints));
    }
    int count = (int) planned.stream().filter(it -> it.message() != null).count();
    try {
      return new Plan(planned, limits.wait(profile, count), null);
    } catch (ProblemException e) {
      return new Plan(planned, Duration.ZERO, e.detail());
    }
  }

  private Planned one(
      Apps.Profile profile,
      Supplier<MessageRequest> request,
      Allowance allowance,
      Complaints complaints) {
    try {
      return new Planned(
          compose.compose(profile, request.get().draft(), PLAN, allowance), List.of());
    } catch (ProblemException e) {
      return new Planned(null, complaints.of(e));
    }
  }
}

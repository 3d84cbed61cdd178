package dev.postrider.app;

import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.platform.web.Access;
import dev.postrider.ratelimit.Taken;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Checks the API key against the route's {@link Access}. Another application's id gets the same
 * answer as an id that does not exist.
 */
@Component
public class AccessInterceptor implements HandlerInterceptor {
  private static final String CALLER = Caller.class.getName();
  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final Apps apps;
  private final AppLimits limits;
  private final DatabaseWatch database;

  public AccessInterceptor(ApiKeys keys, Apps apps, AppLimits limits, DatabaseWatch database) {
    this.keys = keys;
    this.apps = apps;
    this.limits = limits;
    this.database = database;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (!(handler instanceof HandlerMethod method)) {
      return true; // static documents
    }
    Access access = method.getMethodAnnotation(Access.class);
    if (access == null) {
      // Someone else's handler, such as the OpenAPI document: ours are checked by a test.
      return true;
    }
    if (access.value() == Access.Who.ANYONE) {
      return true;
    }
    if (database.isAway()) {
      throw ProblemException.retryLater(
          Problem.UNAVAILABLE,
          "The database is away; nothing was done. Send it again in a moment.",
          Duration.ofSeconds(2));
    }
    Caller caller = authenticate(request);
    if (!caller.isOperator()) {
      if (access.value() == Access.Who.ADMIN) {
        throw ProblemException.of(Problem.FORBIDDEN, "This needs the operator's key.");
      }
      AppId app = pathApp(request);
      if (app == null || !caller.mayActFor(app)) {
        throw ProblemException.notFound("application");
      }
      limit(app, response);
    }
    request.setAttribute(CALLER, caller);
    return true;
  }

  private void limit(AppId app, HttpServletResponse response) {
    Apps.Profile profile = apps.profile(app).orElse(null);
    if (profile != null && !profile.policy().requests().isEmpty()) {
      Taken taken = limits.request(profile);
      show(taken, response);
      AppLimits.check(taken, "requests");
    }
  }

  /** Tells the caller what is left of a limit, beside what was said of others. */
  public static void show(Taken taken, HttpServletResponse response) {
    if (!taken.left().isEmpty()) {
      response.addHeader("RateLimit-Policy", taken.policyHeader());
      response.addHeader("RateLimit", taken.header());
    }
  }

  /** The API key that a request presents; null when it presents none. */
  public static @Nullable String key(HttpServletRequest request) {
    String key = request.getHeader("X-Api-Key");
    String authorization = request.getHeader("Authorization");
    if (key == null && authorization != null && authorization.startsWith(BEARER)) {
      key = authorization.substring(BEARER.length());
    }
    return key == null ? null : key.strip();
  }

  private Caller authenticate(HttpServletRequest request) {
    String key = key(request);
    if (key == null) {
      throw ProblemException.of(
          Problem.UNAUTHORIZED, "Send an API key as X-Api-Key or as Authorization: Bearer.");
    }
    return keys.recognise(key)
        .orElseThrow(() ->
            ProblemException.of(
                Problem.UNAUTHORIZED, "The API key is unknown, expired or revoked."));
  }

  private static @Nullable AppId pathApp(HttpServletRequest request) {
    Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
    Object id = variables instanceof Map<?, ?> map ? map.get("appId") : null;
    try {
      return id == null ? null : new AppId(Long.parseLong(id.toString()));
    } catch (NumberFormatException _) {
      return null;
    }
  }

  /** Who made this request. */
  public static Caller caller(HttpServletRequest request) {
    Object caller = request.getAttribute(CALLER);
    if (caller instanceof Caller known) {
      return known;
    }
    throw new IllegalStateException("the route has no @Access that asks for a key");
  }
}

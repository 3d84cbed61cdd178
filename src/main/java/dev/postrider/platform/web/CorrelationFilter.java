package dev.postrider.platform.web;

import dev.postrider.platform.Correlation;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Gives every request its correlation: taken or made up, echoed, and in every log line. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class CorrelationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String ATTRIBUTE = Correlation.class.getName();

  private final transient InstantSource clock;

  public CorrelationFilter(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Correlation correlation = of(request);
    if (correlation == null) {
      correlation =
          Correlation.of(
              request.getHeader(Correlation.HEADER),
              request.getHeader(Correlation.TRACE),
              clock.millis());
      request.setAttribute(ATTRIBUTE, correlation);
      response.setHeader(Correlation.HEADER, correlation.id());
      if (correlation.traceparent() != null) {
        response.setHeader(Correlation.TRACE, correlation.traceparent());
      }
    }
    try (var _ = correlation.logged()) {
      chain.doFilter(request, response);
    }
  }

  static @org.jspecify.annotations.Nullable Correlation of(HttpServletRequest request) {
    return (Correlation) request.getAttribute(ATTRIBUTE);
  }

  /** The request's correlation; every request that came through the filter has one. */
  public static Correlation required(HttpServletRequest request) {
    Correlation correlation = of(request);
    if (correlation == null) {
      throw new IllegalStateException("the request did not pass the correlation filter");
    }
    return correlation;
  }
}

package dev.postrider.operation;

import dev.postrider.app.ApiKeys;
import dev.postrider.app.Caller;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Settings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;

/**
 * Lets metrics be read from this machine, or with the operator's key. Behind a proxy everyone seems
 * to come from this machine, so the key is needed then.
 */
final class MetricsAccessFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private final transient ApiKeys keys;
  private final boolean behindProxy;

  MetricsAccessFilter(ApiKeys keys, Settings settings) {
    this.keys = keys;
    this.behindProxy = settings.behindProxy();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean allowed;
    try {
      allowed = isLocal(request) || isOperator(request);
    } catch (Overloaded | DataAccessException _) {
      response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      return;
    }
    if (allowed) {
      chain.doFilter(request, response);
    } else {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private boolean isLocal(HttpServletRequest request) {
    return !behindProxy && InetAddress.ofLiteral(request.getRemoteAddr()).isLoopbackAddress();
  }

  private boolean isOperator(HttpServletRequest request) {
    String bearer = Optional.ofNullable(request.getHeader("Authorization")).orElse("");
    String key =
        Optional.ofNullable(request.getHeader("X-Api-Key"))
            .orElse(bearer.startsWith("Bearer ") ? bearer.substring("Bearer ".length()) : "");
    return keys.recognise(key.strip()).filter(Caller::isOperator).isPresent();
  }

  /** Puts the filter in front of the actuator only. */
  @Configuration(proxyBeanMethods = false)
  static class MetricsConfiguration {
    @Bean
    FilterRegistrationBean<MetricsAccessFilter> metricsAccess(ApiKeys keys, Settings settings) {
      FilterRegistrationBean<MetricsAccessFilter> registration =
          new FilterRegistrationBean<>(new MetricsAccessFilter(keys, settings));
      registration.addUrlPatterns("/actuator/*");
      return registration;
    }
  }
}

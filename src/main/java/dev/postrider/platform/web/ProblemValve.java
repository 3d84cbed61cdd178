package dev.postrider.platform.web;

import dev.postrider.platform.Json;
import dev.postrider.platform.Problem;
import java.io.IOException;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;

/** What Tomcat refuses before any of our code sees it (a broken request line) is a problem too. */
public final class ProblemValve extends ErrorReportValve {
  private final Stopping stopping;

  ProblemValve(Stopping stopping) {
    this.stopping = stopping;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    Problem seen = Problem.ofStatus(status);
    boolean cutShort = stopping.mayBeToBlameFor(seen);
    Problem problem = cutShort ? Problem.UNAVAILABLE : seen;
    String detail = cutShort ? Stopping.CUT_SHORT : problem.title() + ".";
    response.setStatus(problem.status());
    if (problem == Problem.UNAVAILABLE) {
      response.setHeader(HttpHeaders.RETRY_AFTER, "1");
    }
    try {
      response.setContentType("application/problem+json");
      response
          .getReporter()
          .write(Json.write(ProblemAdvice.body(problem, detail, List.of(), null)));
      response.finishResponse();
    } catch (IOException _) {
      // The caller has hung up.
    }
  }

  /** Puts the valve where Tomcat looks for it, and finds that it has one of that name. */
  @Configuration(proxyBeanMethods = false)
  static class ValveConfiguration {
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemValve(Stopping stopping) {
      return factory ->
          factory.addContextCustomizers(context -> {
            StandardHost host = (StandardHost) context.getParent();
            host.getPipeline().addValve(new ProblemValve(stopping));
            host.setErrorReportValveClass(ProblemValve.class.getName());
          });
    }
  }
}

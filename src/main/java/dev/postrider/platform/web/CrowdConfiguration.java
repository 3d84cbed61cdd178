package dev.postrider.platform.web;

import java.util.Objects;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives Tomcat the threads that requests run on. */
@Configuration(proxyBeanMethods = false)
class CrowdConfiguration {
  /** Comes after Spring Boot's own, which have an order, and wraps the threads that they gave. */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> crowdThreads(Crowd crowd) {
    return factory ->
        factory.addProtocolHandlerCustomizers(handler ->
            handler.setExecutor(
                new CrowdThreads(
                    crowd, Objects.requireNonNull(handler.getExecutor(), "virtual threads"))));
  }
}

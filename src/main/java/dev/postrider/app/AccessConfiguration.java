package dev.postrider.app;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Puts the access check in front of every route. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration implements WebMvcConfigurer {
  private final AccessInterceptor access;

  AccessConfiguration(AccessInterceptor access) {
    this.access = access;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(access);
  }
}

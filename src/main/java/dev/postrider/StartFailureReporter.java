package dev.postrider;

import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Text;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.context.ConfigurableApplicationContext;

/** Keeps Spring Boot quiet about a bad setting: {@code main} says it in one line. */
public final class StartFailureReporter implements SpringBootExceptionReporter {

  public StartFailureReporter(@Nullable ConfigurableApplicationContext ignored) {}

  @Override
  public boolean reportException(Throwable failure) {
    return setting(failure) != null;
  }

  static @Nullable SettingsException setting(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingsException setting) {
        return setting;
      }
      if (cause instanceof BindException bind && !hasSetting(bind)) {
        return unreadable(bind);
      }
    }
    return null;
  }

  /** A rule of ours says more than that something could not be bound. */
  private static boolean hasSetting(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingsException) {
        return true;
      }
    }
    return false;
  }

  private static SettingsException unreadable(BindException bind) {
    ConfigurationProperty property = bind.getProperty();
    String name = property == null ? bind.getName().toString() : property.getName().toString();
    String type = String.valueOf(bind.getTarget().getType().resolve(Object.class).getSimpleName());
    return new SettingsException(
        name,
        property == null
            ? "cannot be read"
            : "is '" + Text.cleaned(property.getValue().toString(), 100) + "', which is no " + type,
        "See docs/configuration.md.");
  }
}

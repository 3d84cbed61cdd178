package dev.postrider.operation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says in the OpenAPI document what the records say: what is {@code @Nullable} may be null, and in
 * an answer everything else is there.
 */
final class RecordSchemas implements ModelConverter {
  private static final SnakeCaseStrategy SNAKE = new SnakeCaseStrategy();

  @Override
  public @Nullable Schema<?> resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Schema<?> resolved = chain.next().resolve(type, context, chain);
    JavaType java = Json.mapper().constructType(type.getType());
    if (resolved != null && java != null && java.getRawClass().isRecord()) {
      describe(java.getRawClass(), model(resolved, context));
    }
    return resolved;
  }

  private static @Nullable Schema<?> model(Schema<?> resolved, ModelConverterContext context) {
    String ref = resolved.get$ref();
    return ref == null
        ? resolved
        : context.getDefinedModels().get(ref.substring(ref.lastIndexOf('/') + 1));
  }

  @SuppressWarnings("rawtypes") // the library's map of properties has no types
  private static void describe(Class<?> type, @Nullable Schema<?> model) {
    if (model == null || model.getProperties() == null) {
      return;
    }
    Map<String, Schema> properties = model.getProperties();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = name(component);
      Schema<?> property = properties.get(name);
      if (property == null) {
        continue;
      }
      if (component.getType() == Object.class) {
        property.setTypes(null); // any: the library takes it for an object
      }
      if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        properties.put(name, nullable(property));
      } else {
        required.add(name);
      }
    }
    model.setRequired(required.isEmpty() ? null : required);
  }

  private static String name(RecordComponent component) {
    JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
    return named == null ? SNAKE.translate(component.getName()) : named.value();
  }

  private static Schema<?> nullable(Schema<?> property) {
    if (property.get$ref() != null) {
      return new Schema<>().anyOf(List.of(property, new Schema<>().types(Set.of("null"))));
    }
    Set<String> types = property.getTypes();
    if (types != null && !types.contains("null")) {
      Set<String> more = new LinkedHashSet<>(types);
      more.add("null");
      property.setTypes(more);
      // A list of allowed values must then allow it too.
      if (property.getEnum() != null) {
        addNull(property);
      }
    }
    return property;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the library's lists of values have no type
  private static void addNull(Schema property) {
    List<Object> values = new ArrayList<>(property.getEnum());
    values.add(null);
    property.setEnum(values);
  }
}

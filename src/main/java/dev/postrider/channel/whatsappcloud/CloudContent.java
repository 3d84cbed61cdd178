package dev.postrider.channel.whatsappcloud;

import dev.postrider.channel.ApprovedTemplate;
import dev.postrider.channel.Content;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A content as the Cloud API wants it: under the name of its type. */
final class CloudContent {
  private CloudContent() {}

  /** Adds {@code type} and what belongs to it. */
  static void write(Content content, Map<String, Object> body) {
    ApprovedTemplate approved = content.approved();
    if (approved != null) {
      body.put("type", "template");
      body.put("template", template(approved, content.media()));
      return;
    }
    Content.Media media = content.media();
    if (media == null) {
      body.put("type", "text");
      body.put("text", Map.of("body", String.valueOf(content.text())));
      return;
    }
    String type = content.type() == Content.Type.IMAGE ? "image" : "document";
    body.put("type", type);
    body.put(type, media(type, media, content.text()));
  }

  private static Map<String, Object> media(
      String type, Content.Media media, @Nullable String caption) {
    Map<String, Object> written = new LinkedHashMap<>();
    written.put("link", String.valueOf(media.url()));
    if (caption != null) {
      written.put("caption", caption);
    }
    if (type.equals("document")) {
      written.put("filename", media.filename());
    }
    return written;
  }

  private static Map<String, Object> template(
      ApprovedTemplate approved, Content.@Nullable Media media) {
    List<Map<String, Object>> components = new ArrayList<>();
    if (media != null) {
      String type = headerType(media.mimetype());
      components.add(
          component("header", List.of(Map.of("type", type, type, media(type, media, null)))));
    } else if (approved.header() != null) {
      components.add(component("header", List.of(text(approved.header()))));
    }
    if (!approved.bodyTexts().isEmpty()) {
      components.add(
          component("body", approved.bodyTexts().stream().map(CloudContent::text).toList()));
    }
    List<@Nullable String> buttons = approved.buttonTexts();
    for (int i = 0; i < buttons.size(); i++) {
      String button = buttons.get(i);
      if (button != null) {
        Map<String, Object> component = component("button", List.of(text(button)));
        component.put("sub_type", "url");
        component.put("index", Integer.toString(i));
        components.add(component);
      }
    }
    Map<String, Object> template = new LinkedHashMap<>();
    template.put("name", String.valueOf(approved.name()));
    template.put("language", Map.of("code", String.valueOf(approved.language())));
    if (!components.isEmpty()) {
      template.put("components", components);
    }
    return template;
  }

  private static String headerType(String mimetype) {
    if (mimetype.startsWith("image/")) {
      return "image";
    }
    return mimetype.startsWith("video/") ? "video" : "document";
  }

  private static Map<String, Object> component(String type, List<Map<String, Object>> parameters) {
    Map<String, Object> component = new LinkedHashMap<>();
    component.put("type", type);
    component.put("parameters", parameters);
    return component;
  }

  private static Map<String, Object> text(String text) {
    return Map.of("type", "text", "text", text);
  }
}

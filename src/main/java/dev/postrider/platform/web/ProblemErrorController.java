package dev.postrider.platform.web;

import dev.postrider.platform.Problem;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What fails before a controller is found (a broken path, a refused header) is a problem too. */
@RestController
@io.swagger.v3.oas.annotations.Hidden
class ProblemErrorController implements ErrorController {
  private final Stopping stopping;

  ProblemErrorController(Stopping stopping) {
    this.stopping = stopping;
  }

  @Access(Access.Who.ANYONE)
  @RequestMapping("${server.error.path:${error.path:/error}}")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    Problem problem = Problem.ofStatus(status instanceof Integer code ? code : 404);
    return stopping.mayBeToBlameFor(problem)
        ? Stopping.answer(request)
        : ProblemAdvice.answer(problem, problem.title() + ".", List.of(), null, request);
  }
}

// The loops around casadi's functions: rollout and adjoint of each trajectory, states stored, threads
// over trajectories. Compiled with GENERATED and the sizes NX, N_PLAN, N_THETA, PARTS, SEGMENTS, STEPS.
#include <tgmath.h>

#define CASADI_SYMBOL_EXPORT static  // inlined, and not mistaken for the C library's own advance()
#include GENERATED

#include <stdlib.h>
#include <string.h>

enum { most = 16 };  // arguments of a function
static const int parts[PARTS] = PART_SIZES;  // of theta

typedef struct {
  const float* arg[most];
  float* res[most];
  casadi_int iw[IW];
  float w[W];
  float x[(SEGMENTS * STEPS + 1) * NX], plan[SEGMENTS * N_PLAN], pulled[N_THETA], bar[N_THETA];
} Work;

static int theta_arguments(Work* m, const float* theta) {
  for (int i = 0; i < PARTS; theta += parts[i++]) m->arg[i] = theta;
  return PARTS;
}

// Adds the trajectory's gradient to m->bar; returns its cost.
static float trajectory(Work* m, const float* theta, float start, float dt) {
  float cost = 0, stage, zero[NX] = {0};
  for (int j = 0; j < SEGMENTS; ++j) {
    float t = start + (float)(j * STEPS) * dt, carried = j > 0;
    float* plan = m->plan + j * N_PLAN;
    int n = theta_arguments(m, theta);
    m->arg[n] = m->x + j * STEPS * NX, m->arg[n + 1] = &t, m->arg[n + 2] = &carried;
    m->res[0] = plan;
    decide(m->arg, m->res, m->iw, m->w, 0);
    for (int k = 0; k < STEPS; ++k) {
      float since = (float)k * dt, now = t + since;
      float* x = m->x + (j * STEPS + k) * NX;
      m->arg[0] = x, m->arg[1] = plan, m->arg[2] = &since, m->arg[3] = &now;
      m->res[0] = x + NX, m->res[1] = &stage;
      advance(m->arg, m->res, m->iw, m->w, 0);
      cost += stage;
    }
  }
  float lam[NX], before[NX];
  m->arg[0] = m->x + SEGMENTS * STEPS * NX, m->res[0] = &stage, m->res[1] = lam;
  finish(m->arg, m->res, m->iw, m->w, 0);
  cost += stage;
  for (int j = SEGMENTS - 1; j >= 0; --j) {
    float t = start + (float)(j * STEPS) * dt, carried = j > 0;
    float plan_bar[N_PLAN] = {0}, step_bar[N_PLAN];
    for (int k = STEPS - 1; k >= 0; --k) {
      float since = (float)k * dt, now = t + since;
      m->arg[0] = m->x + (j * STEPS + k) * NX, m->arg[1] = m->plan + j * N_PLAN;
      m->arg[2] = &since, m->arg[3] = &now, m->arg[4] = lam;
      m->res[0] = before, m->res[1] = step_bar;
      back(m->arg, m->res, m->iw, m->w, 0);
      memcpy(lam, before, sizeof lam);
      for (int i = 0; i < N_PLAN; ++i) plan_bar[i] += step_bar[i];
    }
    int n = theta_arguments(m, theta);
    m->arg[n] = m->x + j * STEPS * NX, m->arg[n + 1] = &t, m->arg[n + 2] = &carried, m->arg[n + 3] = plan_bar;
    m->res[0] = zero;
    float* pulled = m->pulled;
    for (int i = 0; i < PARTS; pulled += parts[i++]) m->res[i + 1] = pulled;
    decide_back(m->arg, m->res, m->iw, m->w, 0);
    for (int i = 0; i < NX; ++i) lam[i] += zero[i];
    for (int i = 0; i < N_THETA; ++i) m->bar[i] += m->pulled[i];
  }
  return cost;
}

// theta [N_THETA]; states [batch, NX]; times [batch]; mean_cost [1], gradient [N_THETA], of the mean.
void gradient_of_mean(const float* theta, const float* states, const float* times, int batch, float dt,
                      double* mean_cost, double* gradient) {
  double total = 0;
  memset(gradient, 0, N_THETA * sizeof *gradient);
#pragma omp parallel reduction(+ : total)
  {
    Work* m = calloc(1, sizeof *m);
    double* mine = calloc(N_THETA, sizeof *mine);
#pragma omp for
    for (int b = 0; b < batch; ++b) {
      memcpy(m->x, states + b * NX, NX * sizeof(float));
      memset(m->bar, 0, sizeof m->bar);
      total += trajectory(m, theta, times[b], dt);
      for (int i = 0; i < N_THETA; ++i) mine[i] += m->bar[i];
    }
#pragma omp critical
    for (int i = 0; i < N_THETA; ++i) gradient[i] += mine[i] / batch;
    free(mine);
    free(m);
  }
  *mean_cost = total / batch;
}

#include "host/control/riccati.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <cmath>
#include <string>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr double largest_residual = 1e-8;  // of a Riccati equation, relative to its terms

[[noreturn]] void wrong(const std::string& problem, const std::string& remedy) {
  throw Error(Exit::input, problem, "LQR design", remedy);
}

[[noreturn]] void unsolvable(const std::string& problem) {
  throw Error(Exit::numeric, problem, "LQR design",
              "let the inputs reach every unstable mode and the state weights see every undamped "
              "one, or give the gains");
}

std::string size_text(const MatrixXd& m) {
  return std::to_string(m.rows()) + " x " + std::to_string(m.cols());
}

void require_size(const char* name, const MatrixXd& m, Index rows, Index cols) {
  if (m.rows() != rows || m.cols() != cols) {
    wrong(std::string(name) + " is " + size_text(m) + ", expected " + std::to_string(rows) + " x " +
              std::to_string(cols),
          "A is nx x nx, B nx x nu, Q nx x nx and R nu x nu");
  }
  if (!m.allFinite()) wrong(std::string(name) + " is not finite", "give finite numbers");
}

void require_symmetric(const char* name, const MatrixXd& m) {
  if (!m.isApprox(m.transpose(), 1e-12)) {
    wrong(std::string(name) + " is not symmetric", "weights are symmetric matrices");
  }
}

void require_state_weight(const char* name, const MatrixXd& Q, Index nx) {
  require_size(name, Q, nx, nx);
  require_symmetric(name, Q);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(Q, Eigen::EigenvaluesOnly);
  if (eigen.eigenvalues().minCoeff() < -1e-12 * Q.norm()) {
    wrong(std::string(name) + " has a negative eigenvalue", "state weights are at least 0");
  }
}

void require_input_weight(const MatrixXd& R, Index nu) {
  require_size("R", R, nu, nu);
  require_symmetric("R", R);
  if (Eigen::LLT<MatrixXd>(R).info() != Eigen::Success) {
    wrong("R is not positive definite", "input weights are above 0");
  }
}

void require_problem(const MatrixXd& A, const MatrixXd& B, const MatrixXd& Q, const MatrixXd& R) {
  if (A.rows() < 1 || B.cols() < 1) {
    wrong("a system of " + std::to_string(A.rows()) + " states and " + std::to_string(B.cols()) +
              " inputs",
          "A and B have at least one of each");
  }
  require_size("A", A, A.rows(), A.rows());
  require_size("B", B, A.rows(), B.cols());
  require_state_weight("Q", Q, A.rows());
  require_input_weight(R, B.cols());
}

MatrixXd symmetric_part(const MatrixXd& m) { return 0.5 * (m + m.transpose()); }

/// sign(H) by Newton's iteration, scaled by |det|^(−1/n) (Byers, Linear Algebra Appl. 85, 1987).
MatrixXd matrix_sign(MatrixXd H) {
  constexpr int enough = 100;
  const double n = static_cast<double>(H.rows());
  for (int i = 0; i < enough; ++i) {
    const Eigen::PartialPivLU<MatrixXd> lu(H);
    const double log_det = lu.matrixLU().diagonal().array().abs().log().sum();
    const double scale = std::exp(-log_det / n);
    const MatrixXd next = 0.5 * (scale * H + lu.inverse() / scale);
    if (!next.allFinite()) break;
    const double moved = (next - H).norm();
    H = next;
    if (moved <= 1e-13 * H.norm()) return H;
  }
  unsolvable("the Hamiltonian matrix has eigenvalues on the imaginary axis");
}

/// u = −K x minimises uᵀRu + (A x + B u)ᵀP(A x + B u).
MatrixXd gain_before(const MatrixXd& P, const MatrixXd& A, const MatrixXd& B, const MatrixXd& R) {
  return (R + B.transpose() * P * B).llt().solve(B.transpose() * P * A);
}

/// xᵀ(·)x is the cost of x now when u = −K x and P weighs the next state.
MatrixXd cost_before(const MatrixXd& P, const MatrixXd& A, const MatrixXd& B, const MatrixXd& Q,
                     const MatrixXd& R, const MatrixXd& K) {
  const MatrixXd closed = A - B * K;
  return symmetric_part(Q + K.transpose() * R * K + closed.transpose() * P * closed);
}

}  // namespace

MatrixXd continuous_lqr(const MatrixXd& A, const MatrixXd& B, const MatrixXd& Q,
                        const MatrixXd& R) {
  require_problem(A, B, Q, R);
  const Index n = A.rows();
  const Eigen::LLT<MatrixXd> weight(R);
  const MatrixXd G = B * weight.solve(B.transpose());
  MatrixXd H(2 * n, 2 * n);
  H << A, -G, -Q, -A.transpose();
  const MatrixXd sign = matrix_sign(H);

  // The stable subspace [I; P] is the kernel of sign(H) + I.
  MatrixXd left(2 * n, n), right(2 * n, n);
  left << sign.topRightCorner(n, n), sign.bottomRightCorner(n, n) + MatrixXd::Identity(n, n);
  right << -(sign.topLeftCorner(n, n) + MatrixXd::Identity(n, n)), -sign.bottomLeftCorner(n, n);
  const MatrixXd P = symmetric_part(left.colPivHouseholderQr().solve(right));
  const MatrixXd K = weight.solve(B.transpose() * P);

  if (!K.allFinite() || !(spectral_abscissa(A - B * K) < 0)) {
    unsolvable("no gain stabilises this system");
  }
  const MatrixXd residual = A.transpose() * P + P * A - P * G * P + Q;
  const double terms = 2 * (A.transpose() * P).norm() + (P * G * P).norm() + Q.norm();
  if (!(residual.norm() <= largest_residual * terms)) {
    unsolvable("the Riccati equation is too badly conditioned to be solved");
  }
  return K;
}

MatrixXd discrete_lqr(const MatrixXd& A, const MatrixXd& B, const MatrixXd& Q, const MatrixXd& R) {
  require_problem(A, B, Q, R);
  constexpr int enough = 60;  // the k-th iterate is the cost over 2^k steps
  const MatrixXd I = MatrixXd::Identity(A.rows(), A.rows());
  MatrixXd F = A;
  MatrixXd G = B * Eigen::LLT<MatrixXd>(R).solve(B.transpose());
  MatrixXd P = Q;
  bool converged = false;
  for (int i = 0; i < enough && !converged; ++i) {
    const Eigen::PartialPivLU<MatrixXd> coupled(I + G * P);
    const MatrixXd F_next = coupled.solve(F);
    const MatrixXd gained = symmetric_part(F.transpose() * P * F_next);
    G = symmetric_part(G + F * coupled.solve(G) * F.transpose());
    F = F * F_next;
    P += gained;
    if (!P.allFinite()) break;
    converged = gained.norm() <= 1e-15 * P.norm();
  }
  if (!converged) unsolvable("no gain stabilises this system");
  const MatrixXd K = gain_before(P, A, B, R);
  if (!(spectral_radius(A - B * K) < 1)) unsolvable("no gain stabilises this system");
  const MatrixXd again = cost_before(P, A, B, Q, R, K);
  if (!((again - P).norm() <= largest_residual * (P.norm() + Q.norm()))) {
    unsolvable("the Riccati equation is too badly conditioned to be solved");
  }
  return K;
}

std::vector<MatrixXd> time_varying_lqr(const std::vector<MatrixXd>& A,
                                       const std::vector<MatrixXd>& B, const MatrixXd& Q,
                                       const MatrixXd& R, const MatrixXd& Qf) {
  if (A.empty() || A.size() != B.size()) {
    wrong(std::to_string(A.size()) + " matrices A and " + std::to_string(B.size()) + " matrices B",
          "give one of each a step, and at least one step");
  }
  require_problem(A.front(), B.front(), Q, R);
  require_state_weight("Qf", Qf, Q.rows());
  std::vector<MatrixXd> K(A.size());
  MatrixXd P = Qf;
  for (std::size_t t = A.size(); t-- > 0;) {
    require_size("A", A[t], Q.rows(), Q.rows());
    require_size("B", B[t], Q.rows(), R.rows());
    K[t] = gain_before(P, A[t], B[t], R);
    P = cost_before(P, A[t], B[t], Q, R, K[t]);
    if (!P.allFinite()) unsolvable("the cost to go overflows at step " + std::to_string(t));
  }
  return K;
}

double spectral_radius(const MatrixXd& M) {
  return Eigen::EigenSolver<MatrixXd>(M, false).eigenvalues().cwiseAbs().maxCoeff();
}

double spectral_abscissa(const MatrixXd& M) {
  return Eigen::EigenSolver<MatrixXd>(M, false).eigenvalues().real().maxCoeff();
}

}  // namespace phigrad

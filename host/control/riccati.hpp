// Gains of the linear-quadratic regulator, u = −K x, from Riccati equations.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace phigrad {

/// K [nu, nx] that minimises ∫ xᵀQx + uᵀRu dt for ẋ = A x + B u.
/// A [nx, nx], B [nx, nu], Q [nx, nx] symmetric positive semi-definite, R [nu, nu] symmetric
/// positive definite. By the sign of the Hamiltonian matrix (Roberts, Int. J. Control 32, 1980).
/// Throws Error: Exit::input where sizes or weights are wrong, Exit::numeric where (A, B) is not
/// stabilisable, Q leaves an undamped mode unseen, or the equation is not met to 1e-8.
Eigen::MatrixXd continuous_lqr(const Eigen::MatrixXd& A, const Eigen::MatrixXd& B,
                               const Eigen::MatrixXd& Q, const Eigen::MatrixXd& R);

/// K [nu, nx] that minimises Σ xᵀQx + uᵀRu for x⁺ = A x + B u. Arguments and errors as above. By
/// structure-preserving doubling (Chu, Fan, Lin and Wang, Int. J. Control 77, 2004).
Eigen::MatrixXd discrete_lqr(const Eigen::MatrixXd& A, const Eigen::MatrixXd& B,
                             const Eigen::MatrixXd& Q, const Eigen::MatrixXd& R);

/// K_t [T][nu, nx] that minimise Σ_{t<T} xᵀQx + uᵀRu + x_TᵀQf x_T for x_{t+1} = A_t x_t + B_t u_t,
/// by the recursion backwards in time. Throws as above; there is nothing to stabilise.
std::vector<Eigen::MatrixXd> time_varying_lqr(const std::vector<Eigen::MatrixXd>& A,
                                              const std::vector<Eigen::MatrixXd>& B,
                                              const Eigen::MatrixXd& Q, const Eigen::MatrixXd& R,
                                              const Eigen::MatrixXd& Qf);

/// max |λ| of the eigenvalues of M [n, n]: x⁺ = M x is stable below 1.
double spectral_radius(const Eigen::MatrixXd& M);

/// max Re λ of the eigenvalues of M [n, n]: ẋ = M x is stable below 0.
double spectral_abscissa(const Eigen::MatrixXd& M);

}  // namespace phigrad

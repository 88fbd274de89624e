@_exported import Factorizations
@_exported import LeastSquares
@_exported import Matrices
@_exported import QuantizedKernels
@_exported import QuantizedMatrices
@_exported import Quantizers
@_exported import Reports
@_exported import Tables

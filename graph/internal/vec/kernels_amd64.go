package vec

import "golang.org/x/sys/cpu"

//go:generate go run -C gen . -part activate -pkg vec -out ../activate_amd64.s -stubs ../activate_amd64.go
//go:generate go run -C gen . -part gradient -pkg vec -out ../gradient_amd64.s -stubs ../gradient_amd64.go
//go:generate go run -C gen . -part arith -pkg vec -out ../arith_amd64.s -stubs ../arith_amd64.go
//go:generate go run -C gen . -part update -pkg vec -out ../update_amd64.s -stubs ../update_amd64.go
//go:generate go run -C gen . -part curve -pkg vec -out ../curve_amd64.s -stubs ../curve_amd64.go
//go:generate go run -C gen . -part norm -pkg vec -out ../norm_amd64.s -stubs ../norm_amd64.go
//go:generate go run -C gen . -part cell -pkg vec -out ../cell_amd64.s -stubs ../cell_amd64.go
//go:generate go run -C gen . -part attend -pkg vec -out ../attend_amd64.s -stubs ../attend_amd64.go

func init() {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return
	}
	asm = kernels{
		addLinear: addLinearAVX2, addSigmoid: addSigmoidAVX2, addTanh: addTanhAVX2,
		addReLU: addReLUAVX2, addLeakyReLU: addLeakyReLUAVX2, addSoftplus: addSoftplusAVX2,

		sigmoidGrad: sigmoidGradAVX2, tanhGrad: tanhGradAVX2, reluGrad: reluGradAVX2,
		leakyReLUGrad: leakyReLUGradAVX2, softplusGrad: softplusGradAVX2,

		addELU: addELUAVX2, addSELU: addSELUAVX2, addGELU: addGELUAVX2, addGELUTanh: addGELUTanhAVX2, addSiLU: addSiLUAVX2, addMish: addMishAVX2,
		eluGrad: eluGradAVX2, seluGrad: seluGradAVX2, geluGrad: geluGradAVX2, geluTanhGrad: geluTanhGradAVX2, siluGrad: siluGradAVX2, mishGrad: mishGradAVX2,

		add: addAVX2, mul: mulAVX2, exp: expAVX2, axpy: axpyAVX2, scale: scaleAVX2, clamp: clampAVX2, mix: mixAVX2,
		sum: sumAVX2, sumSquares: sumSquaresAVX2, dot: dotAVX2, max: maxAVX2, maxAbs: maxAbsAVX2, sumExp: sumExpAVX2,
		mask: maskAVX2,

		moments: momentsAVX2, cross: crossAVX2, standardize: standardizeAVX2, standardizeGrad: standardizeGradAVX2,
		sumSquaresAbout: sumSquaresAboutAVX2, normalize: normalizeAVX2, normalizeSums: normalizeSumsAVX2, normalizeGrad: normalizeGradAVX2,

		sgd: sgdAVX2, momentum: momentumAVX2, nesterov: nesterovAVX2,
		adam: adamAVX2, amsGrad: amsGradAVX2, nadam: nadamAVX2, lion: lionAVX2, rmsProp: rmsPropAVX2, adaGrad: adaGradAVX2,

		softmaxGrad: softmaxGradAVX2,
		lstm:        lstmAVX2, lstmGrad: lstmGradAVX2, gru: gruAVX2, gruGrad: gruGradAVX2,
	}
}

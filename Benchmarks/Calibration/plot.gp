# Predicted against measured error ratios of every 32nd run in points.txt (Calibrate --points points.txt):
#     gnuplot -e "points='points.txt'; picture='../../Documentation/calibration.svg'" plot.gp
set terminal svg size 720,560 font "Helvetica,13" background "white"
set output picture
set logscale xy
set format "10^{%T}"
set xlabel "measured: quantization-to-sampling error ratio q"
set ylabel "predicted from codes alone"
set key top left
set grid
set xrange [1e-5:10]
set yrange [1e-5:10]
plot x with lines lc rgb "black" title "equal", \
     2*x with lines dt 2 lc rgb "gray50" title "factor 2", x/2 with lines dt 2 lc rgb "gray50" notitle, \
     points every 32 using (stringcolumn(1) eq "optimal" ? $3 : 1/0):4 with points pt 7 ps 0.3 lc rgb "#d95f02" title "nearest", \
     points every 32 using (stringcolumn(1) eq "stochastic" ? $3 : 1/0):4 with points pt 7 ps 0.3 lc rgb "#7570b3" title "stochastic", \
     points every 32 using (stringcolumn(1) eq "balanced" ? $3 : 1/0):4 with points pt 7 ps 0.3 lc rgb "#1b9e77" title "balanced"

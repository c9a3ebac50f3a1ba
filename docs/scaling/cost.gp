# gnuplot -e "data='cost.tsv'; plot='cost.svg'" cost.gp: time and memory against each factor, relative to the base case.
base_R = 200; base_S = 1024; base_d = 256; base_C = 10
set terminal svg size 1200,400 font "sans-serif,13" background "white"
set output plot
set datafile separator "\t"
set grid lc rgb "#dddddd"
set logscale xy 2
set key top left
set multiplot layout 1,3
of(factor, name, base) = (strcol(1) eq name) ? column(2)/base : NaN
set xlabel "factor ÷ its base (R 200, S 1024, d 256, C 10)"
set title "seconds of Γ of all fresh draws"
plot data using (of(1,"R",base_R)):5 with linespoints pt 7 title "draws R", \
     data using (of(1,"S",base_S)):5 with linespoints pt 5 title "samples S", \
     data using (of(1,"d",base_d)):5 with linespoints pt 9 title "width d", \
     data using (of(1,"C",base_C)):5 with linespoints pt 13 title "classes C"
set title "peak memory of a rank, MB (dashed: the plan's + 155)"
plot data using (of(1,"R",base_R)):8 with linespoints lc 1 pt 7 title "draws R", \
     data using (of(1,"R",base_R)):($9+155) with lines lc 1 dt 2 notitle, \
     data using (of(1,"S",base_S)):8 with linespoints lc 2 pt 5 title "samples S", \
     data using (of(1,"S",base_S)):($9+155) with lines lc 2 dt 2 notitle, \
     data using (of(1,"d",base_d)):8 with linespoints lc 3 pt 9 title "width d", \
     data using (of(1,"d",base_d)):($9+155) with lines lc 3 dt 2 notitle, \
     data using (of(1,"C",base_C)):8 with linespoints lc 4 pt 13 title "classes C", \
     data using (of(1,"C",base_C)):($9+155) with lines lc 4 dt 2 notitle
set title "seconds of the base run on several ranks"
set xlabel "ranks"
plot data using (of(1,"ranks",1)):7 with linespoints lc 1 pt 7 title "the whole run", \
     data using (of(1,"ranks",1)):5 with linespoints lc 2 pt 5 title "Γ of fresh draws"
unset multiplot
